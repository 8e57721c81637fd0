import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { pathToFileURL } from "node:url"
import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile, generate } from "@farcall/tools"
import { wordFiles, words } from "./generated-names.js"
import { TypeScriptProject } from "./generated-types.js"

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

  it("calls rpcs apart that differ in capitals alone", () => {
    const text = generate(compiled(["services.proto"])).find(({ path }) => path === "services_grpc.ts")!.text
    for (const key of ["boolean", "boolean$"])
      assert.match(text, new RegExp(`^    ${key.replace("$", "\\$")}: \\{ name:`, "m"))
  })
})
