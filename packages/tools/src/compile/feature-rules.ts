import {
  FeatureSet_ProtoLimitsFeatureSchema,
  FeatureSet_VisibilityFeatureSchema,
  FeatureSetSchema,
} from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import type { OptionInterpreter } from "./options.js"
import { visitFile } from "./visit.js"

/** Reports features where there are none to set, and features set to what stands for no value. */
export function checkFeatures(context: LinkContext, interpreter: OptionInterpreter): void {
  const hasFeatures = [...context.interpreted.values()].some((options) => options.fieldNamed("features"))
  if (!hasFeatures) return
  const isEdition = context.file.proto.syntax === "editions"
  visitFile(context.file.proto, (node) => {
    const features = interpreter.explicitFeatures(node)
    if (!features) return
    const complaint = isEdition ? unknownValue(features) : "Features are only valid under editions."
    if (!complaint) return
    if (node.$typeName === "google.protobuf.FileDescriptorProto") context.errorAt(context.editionPosition, complaint)
    else context.error(node, "name", complaint)
  })
}

/** Every feature is an enum whose zero means that nothing is known. */
function unknownValue(features: object): string | undefined {
  for (const { name, localName, enum: type } of FeatureSetSchema.fields) {
    if (!type || !Object.hasOwn(features, localName)) continue
    if (features[localName as keyof typeof features] !== 0) continue
    const scope = SCOPES.get(type.parent) ?? ""
    return `Feature field \`${name}\` must resolve to a known value, found ${scope}${type.values[0]?.name}`
  }
  return undefined
}

const SCOPES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [FeatureSet_VisibilityFeatureSchema, "VisibilityFeature::"],
  [FeatureSet_ProtoLimitsFeatureSchema, "ProtoLimitsFeature::"],
])
