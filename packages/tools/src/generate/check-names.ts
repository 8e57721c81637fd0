import type { AnyDesc, DescFile } from "@bufbuild/protobuf"
import { nestedTypes } from "@bufbuild/protobuf/reflect"
import { isVirtualPath } from "../compile/virtual-path.js"

/**
 * Generated code has the names of its descriptors as they are. The compiler lets only identifiers through; descriptors
 * that come from elsewhere must have such names too, or they could write code of their own.
 * @throws TypeError on a name that no .proto file could have
 */
export function checkNames(file: DescFile): void {
  if (!isVirtualPath(file.proto.name)) throw new TypeError(`${quote(file.proto.name)} is not the path of a .proto file`)
  if (!packageName.test(file.proto.package)) throw refusal(file, file.proto.package, "package")
  for (const desc of nestedTypes(file)) {
    checkName(file, desc)
    switch (desc.kind) {
      case "message":
        for (const member of [...desc.fields, ...desc.oneofs]) checkName(file, member)
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

function refusal(file: DescFile, name: string, kind: string): TypeError {
  return new TypeError(`${file.proto.name}: ${quote(name)} cannot be the name of a ${kind.replace("_", " ")}`)
}

function quote(name: string): string {
  return JSON.stringify(name)
}
