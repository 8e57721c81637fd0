import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { test } from "node:test"
import type { DescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt"
import { compile } from "@farcall/tools"

// farcall/error-details is generated from a contract in our own words. On the wire it has to be Google's.
const name = "google/rpc/error_details.proto"

test("the contract of the standard details has the messages and fields of Google's", async () => {
  const ours = await compiled(new URL(`../../packages/farcall/proto/${name}`, import.meta.url))
  const theirs = await compiled(new URL(import.meta.resolve(`google-proto-files/${name}`)))
  assert.deepEqual(fieldsOf(ours), fieldsOf(theirs))
  assert.ok(fieldsOf(ours).length > 30)
})

async function compiled(url: URL): Promise<FileDescriptorProto> {
  const text = await readFile(url, "utf8")
  const { files, diagnostics } = compile({ files: [name], read: (path) => (path === name ? text : undefined) })
  assert.deepEqual(diagnostics, [])
  return files.find((file) => file.name === name)!
}

/** Each field: its message, number, name, label and type. */
function fieldsOf(file: FileDescriptorProto): string[] {
  const visit = (message: DescriptorProto, scope: string): string[] => [
    ...message.field.map((field) => {
      const optional = field.proto3Optional ? " optional" : ""
      return `${scope}${message.name} ${field.number} ${field.name} ${field.label} ${field.type} ${field.typeName}${optional}`
    }),
    ...message.nestedType.flatMap((nested) => visit(nested, `${scope}${message.name}.`)),
  ]
  return file.messageType.flatMap((message) => visit(message, "")).sort()
}
