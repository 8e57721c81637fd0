import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { pathToFileURL } from "node:url"
import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile, generate } from "@farcall/tools"
import { wordFiles, words } from "./generated-names.js"
import { TypeScriptProject } from "./generated-types.js"
import { protocGenEs } from "./pb-exports.js"

const files = wordFiles()

function compiled(names: readonly string[] = [...files.keys()]): DescFile[] {
  const result = compile({ files: names, read: (name) => files.get(name), includeSourceInfo: true })
  assert.deepEqual(result.diagnostics, [])
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: result.files }))
  return names.map((name) => registry.getFile(name)!)
}

describe(`generated code of ${words.length} words as names of everything`, () => {
  it("type-checks and loads", async () => {
    const project = new TypeScriptProject()
    try {
      const generated = generate(compiled(), { jsonTypes: true, index: true })
      project.write(generated)
      assert.equal(await project.typeCheck(), "")
      for (const { path } of generated) await import(pathToFileURL(project.compiled(path.slice(0, -3))).href)
    } finally {
      project.remove()
    }
  })

  it("type-checks with enums as objects, which nothing but types has to be erased from", async () => {
    const project = new TypeScriptProject()
    try {
      project.write(generate(compiled(["enums.proto"]), { enums: "object" }))
      assert.equal(await project.typeCheck("7.0", { erasableSyntaxOnly: true, noEmit: true }), "")
    } finally {
      project.remove()
    }
  })

  it("has protoc-gen-es's names, but where its output does not compile", () => {
    const descriptors = compiled()
    const theirs = protocGenEs({ files: descriptors }, "json_types=true,import_extension=js")
    const ours = generate(descriptors, { jsonTypes: true, only: ["pb"] })
    const types = "any as await infer keyof never readonly symbol undefined unique unknown".split(" ")
    const constants = ["arguments", "await", "eval", "undefined"]
    const expected = new Map([
      ["messages_pb.ts", types],
      ["enums_pb.ts", [...new Set([...types, ...constants])]],
      ["services_pb.ts", constants],
      ["extensions_pb.ts", constants],
      ["class/await_pb.ts", ["await"]],
    ])
    for (const { path, text } of ours) {
      const names = exportedNames(text)
      const different = exportedNames(theirs.get(path)!).filter((name) => !names.includes(name))
      assert.deepEqual(different.sort(), (expected.get(path) ?? []).sort(), path)
      for (const name of different) assert.ok(names.includes(`${name}$`), `${path}: ${name}$`)
    }
  })

  it("calls rpcs apart that differ in capitals alone", () => {
    const text = generate(compiled(["services.proto"])).find(({ path }) => path === "services_grpc.ts")!.text
    for (const key of ["boolean", "boolean$"])
      assert.match(text, new RegExp(`^    ${key.replace("$", "\\$")}: \\{ name:`, "m"))
  })
})

function exportedNames(text: string): string[] {
  return [...text.matchAll(/^export (?:const|enum|type) ([\w$]+)/gm)].map(([, name]) => name!)
}
