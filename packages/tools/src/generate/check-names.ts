import type { AnyDesc, DescFile, DescMessage } from "@bufbuild/protobuf"
import { nestedTypes } from "@bufbuild/protobuf/reflect"
import { isVirtualPath } from "../compile/virtual-path.js"

/** A name for which there can be no code; the message is for the user. */
export class UnusableName extends TypeError {}

/**
 * Generated code has the names of its descriptors as they are. The compiler lets only identifiers through; descriptors
 * that come from elsewhere must have such names too, or they could write code of their own.
 * @throws UnusableName on a name that no .proto file could have, and on two fields that are one property in TypeScript
 */
export function checkNames(file: DescFile): void {
  if (!isVirtualPath(file.proto.name))
    throw new UnusableName(`${quote(file.proto.name)} is not the path of a .proto file`)
  if (!packageName.test(file.proto.package)) throw refusal(file, file.proto.package, "package")
  for (const desc of nestedTypes(file)) {
    checkName(file, desc)
    switch (desc.kind) {
      case "message":
        for (const member of [...desc.fields, ...desc.oneofs]) checkName(file, member)
        checkProperties(file, desc)
        break
      case "enum":
        for (const value of desc.values) checkName(file, value)
        break
      case "service":
        for (const method of desc.methods) checkName(file, method)
        break
    }
  }
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/
const packageName = /^(?:[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)?$/

function checkName(file: DescFile, desc: Exclude<AnyDesc, DescFile>): void {
  if (!identifier.test(desc.name)) throw refusal(file, desc.name, desc.kind)
}

/** In proto2, `a_b` and `aB` may stand in one message; protobuf-es calls both of them `aB`. */
function checkProperties(file: DescFile, message: DescMessage): void {
  const names = new Map<string, string>()
  for (const { name, localName } of message.members) {
    const other = names.get(localName)
    if (other !== undefined) {
      throw new UnusableName(
        `${file.proto.name}: ${other} and ${name} of ${message.typeName} would both be "${localName}" in TypeScript`,
      )
    }
    names.set(localName, name)
  }
}

function refusal(file: DescFile, name: string, kind: string): TypeError {
  return new UnusableName(`${file.proto.name}: ${quote(name)} cannot be the name of a ${kind.replace("_", " ")}`)
}

function quote(name: string): string {
  return JSON.stringify(name)
}
