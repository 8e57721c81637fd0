import type { EnumDescriptorProto } from "@bufbuild/protobuf/wkt"
import { didYouMean } from "./did-you-mean.js"

/** The number of the value of this name; undefined when the enum has none. */
export function findEnumValue(node: EnumDescriptorProto, name: string): number | undefined {
  return node.value.find((value) => value.name === name)?.number
}

/** What may be meant by a name that is none of the enum's values. */
export function suggestEnumValue(node: EnumDescriptorProto, written: string): string | undefined {
  return didYouMean(
    written,
    node.value.map(({ name }) => name),
  )
}
