import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf"
import type { CodecScope } from "./codec-scope.js"
import { checksUtf8, isDelimited } from "./features.js"
import { LENGTH_DELIMITED, scalarOf, scalars } from "./scalars.js"

/** Prints what errors tell of a message's fields. It is made only when there is an error. */
export function printFieldTable(scope: CodecScope, message: DescMessage): void {
  scope.printer.block(
    "fields: () => [",
    () => {
      for (const field of message.fields) {
        scope.printer.line(`[${field.number}, ${JSON.stringify(field.name)}, ${contentOf(scope, field)}],`)
      }
    },
    "],",
  )
}

function contentOf(scope: CodecScope, field: DescField): string {
  if (field.fieldKind === "map") {
    const value = field.message === undefined ? scalarContent(scalarOf(field), field) : scope.codec(field.message)
    return `"map", ${scalarContent(field.mapKey, field)}, ${value}`
  }
  if (field.message !== undefined) return scope.codec(field.message) + (isDelimited(field) ? ', "group"' : "")
  const scalar = scalarOf(field)
  const isPackable = field.fieldKind === "list" && scalars[scalar].wireType !== LENGTH_DELIMITED
  return isPackable ? `"${byWireType[scalars[scalar].wireType]}s"` : scalarContent(scalar, field)
}

function scalarContent(scalar: ScalarType, field: DescField): string {
  return scalar === ScalarType.STRING && checksUtf8(field) ? '"string"' : `"${byWireType[scalars[scalar].wireType]}"`
}

const byWireType = { 0: "varint", 1: "fixed64", 2: "bytes", 5: "fixed32" } as const
