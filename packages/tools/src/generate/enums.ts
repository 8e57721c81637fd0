import type { DescEnum } from "@bufbuild/protobuf"
import { docText } from "./comments.js"
import { literalKey, propertyKey } from "./names.js"
import type { EnumStyle } from "./options.js"
import type { Printer } from "./printer.js"

/** Prints an enum's type and values, under the name `shape`. */
export function printEnumShape(desc: DescEnum, shape: string, style: EnumStyle, printer: Printer): void {
  const isObject = style === "object"
  const printValues = (): void => {
    for (const [i, value] of desc.values.entries()) {
      if (i > 0) printer.line()
      printer.docComment(docText(value))
      printer.line(
        isObject
          ? `${literalKey(value.localName)}: ${value.number},`
          : `${propertyKey(value.localName)} = ${value.number},`,
      )
    }
  }
  printer.docComment(docText(desc))
  if (!isObject) printer.block(`export enum ${shape} {`, printValues)
  else {
    printer.block(`export const ${shape} = {`, printValues, "} as const;")
    printer.line()
    printer.docComment(docText(desc))
    // An open enum may hold numbers that its contract does not know (yet).
    const unknown = desc.open ? ` | ${printer.type("UnknownEnum", "@bufbuild/protobuf")}` : ""
    printer.line(`export type ${shape} = (typeof ${shape})[keyof typeof ${shape}]${unknown};`)
  }
  printer.line()
}
