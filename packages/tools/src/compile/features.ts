import type {
  DescriptorProto,
  Edition,
  EnumDescriptorProto,
  FeatureSet,
  FeatureSet_EnforceNamingStyle,
  FeatureSet_EnumType,
  FeatureSet_FieldPresence,
  FeatureSet_JsonFormat,
  FeatureSet_MessageEncoding,
  FeatureSet_ProtoLimitsFeature_EnforceProtoLimits,
  FeatureSet_RepeatedFieldEncoding,
  FeatureSet_Utf8Validation,
  FeatureSet_VisibilityFeature_DefaultSymbolVisibility,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt"
import { FeatureSetSchema } from "@bufbuild/protobuf/wkt"
import { editionOf } from "./editions.js"
import { oneofIndexOf } from "./field-features.js"
import type { OptionOwner } from "./parsed-file.js"

/** What protobuf.dev, "Feature Settings for Editions" lists, each with a value. */
export interface Features {
  readonly fieldPresence: FeatureSet_FieldPresence
  readonly enumType: FeatureSet_EnumType
  readonly repeatedFieldEncoding: FeatureSet_RepeatedFieldEncoding
  readonly utf8Validation: FeatureSet_Utf8Validation
  readonly messageEncoding: FeatureSet_MessageEncoding
  readonly jsonFormat: FeatureSet_JsonFormat
  readonly enforceNamingStyle: FeatureSet_EnforceNamingStyle
  readonly defaultSymbolVisibility: FeatureSet_VisibilityFeature_DefaultSymbolVisibility
  readonly enforceProtoLimits: FeatureSet_ProtoLimitsFeature_EnforceProtoLimits
}

/** The features of the declarations of one file: each has those of what it stands in, but for what it sets itself. */
export class FileFeatures {
  readonly edition: Edition
  readonly file: Features
  /** Those that differ from the file's. */
  private readonly differing = new Map<OptionOwner, Features>()

  /** `explicit` tells what a declaration sets itself. */
  constructor(proto: FileDescriptorProto, explicit: ExplicitFeatures) {
    this.edition = editionOf(proto)
    const defaults = defaultFeatures(this.edition)
    this.file = merge(defaults, explicit(proto))
    // What the syntaxes before editions say of single declarations is told by their own keywords.
    if (proto.syntax !== "editions") return
    for (const message of proto.messageType) this.resolveMessage(message, this.file, explicit)
    for (const node of proto.enumType) this.resolveEnum(node, this.file, explicit)
    for (const extension of proto.extension) this.resolve(extension, this.file, explicit)
    for (const service of proto.service) {
      const features = this.resolve(service, this.file, explicit)
      for (const method of service.method) this.resolve(method, features, explicit)
    }
  }

  of(node: OptionOwner): Features {
    return this.differing.get(node) ?? this.file
  }

  private resolve(node: OptionOwner, parent: Features, explicit: ExplicitFeatures): Features {
    const features = merge(parent, explicit(node))
    if (features !== this.file) this.differing.set(node, features)
    return features
  }

  private resolveMessage(node: DescriptorProto, parent: Features, explicit: ExplicitFeatures): void {
    const features = this.resolve(node, parent, explicit)
    for (const nested of node.enumType) this.resolveEnum(nested, features, explicit)
    const oneofs = node.oneofDecl.map((oneof) => this.resolve(oneof, features, explicit))
    for (const field of node.field) this.resolve(field, oneofs[oneofIndexOf(field) ?? -1] ?? features, explicit)
    for (const nested of node.nestedType) this.resolveMessage(nested, features, explicit)
    for (const extension of node.extension) this.resolve(extension, features, explicit)
    for (const range of node.extensionRange) this.resolve(range, features, explicit)
  }

  private resolveEnum(node: EnumDescriptorProto, parent: Features, explicit: ExplicitFeatures): void {
    const features = this.resolve(node, parent, explicit)
    for (const value of node.value) this.resolve(value, features, explicit)
  }
}

type ExplicitFeatures = (node: OptionOwner) => FeatureSet | undefined

/** What the options of a finished descriptor say; features for readers of the source are not among them. */
export function featuresInOptions(node: OptionOwner): FeatureSet | undefined {
  return node.options?.features
}

function merge(parent: Features, explicit: FeatureSet | undefined): Features {
  if (!explicit) return parent
  const merged: Record<string, unknown> = { ...parent }
  for (const { localName } of FeatureSetSchema.fields) {
    if (Object.hasOwn(explicit, localName)) merged[localName] = explicit[localName as keyof FeatureSet]
  }
  return merged as unknown as Features
}

/** The features of an edition, as the options of FeatureSet's own fields tell (`edition_defaults`). */
function defaultFeatures(edition: Edition): Features {
  let features = byEdition.get(edition)
  if (!features) {
    const entries = FeatureSetSchema.fields.map(({ localName, enum: type, proto }) => {
      let latest: { edition: Edition; value: string } | undefined
      for (const entry of proto.options?.editionDefaults ?? []) {
        if (entry.edition <= edition && (!latest || entry.edition > latest.edition)) latest = entry
      }
      return [localName, type?.values.find(({ name }) => name === latest?.value)?.number ?? 0]
    })
    features = Object.fromEntries(entries) as unknown as Features
    byEdition.set(edition, features)
  }
  return features
}

const byEdition = new Map<Edition, Features>()
