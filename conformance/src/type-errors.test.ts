import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import { after, before, describe, it } from "node:test"
import { create, createFileRegistry } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile, generate } from "@farcall/tools"
import { TypeScriptProject, type TypeScriptVersion } from "./generated-types.js"

// What the compiler says of programs that use the public face wrongly. Each program of ../type-errors/programs says
// first what its first error is: the code, and of its text as much as tells what is wrong, with … for the rest. Where
// the compilers differ there is a line for each. All programs go through each compiler together.

const corpus = new URL("../type-errors/", import.meta.url)

/** The first error of a file, with what the compiler says beneath it. */
interface CompileError {
  readonly code: string
  readonly text: string
}

const programs = await readPrograms()
const greeter = await readFile(new URL("greeter.proto", corpus), "utf8")

describe("wrong programs do not compile, and right ones do,", () => {
  for (const version of ["7.0", "5.9"] as const) {
    describe(`under TypeScript ${version}`, () => {
      let project: TypeScriptProject
      let errors: ReadonlyMap<string, CompileError>
      before(async () => {
        project = new TypeScriptProject()
        project.write([...contract(), ...[...programs].map(([path, text]) => ({ path, text }))])
        errors = firstErrors(await project.typeCheck(version, { ...notStrictest, noEmit: true }))
      })
      after(() => project.remove())

      for (const [path, text] of programs) {
        it(path.replace(/\.ts$/, ""), () => {
          const error = errors.get(path)
          const expected = expectationOf(path, text, version)
          if (expected === undefined) assert.equal(error, undefined, error?.text)
          else {
            assert.ok(error !== undefined, `it compiles; expected is ${expected.code}: ${expected.text}`)
            assert.equal(error.code, expected.code, error.text)
            assert.match(error.text, patternOf(expected.text))
          }
        })
      }

      it("nothing else is wrong", () => {
        assert.deepEqual(
          [...errors.keys()].filter((path) => !programs.has(path)),
          [],
        )
      })
    })
  }
})

/** What only the code that is generated has to put up with. */
const notStrictest = {
  lib: ["es2023", "esnext.disposable"],
  types: ["node"],
  isolatedDeclarations: false,
  declaration: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
}

async function readPrograms(): Promise<ReadonlyMap<string, string>> {
  const folder = new URL("programs/", corpus)
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".ts")).sort()
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(new URL(path, folder), "utf8")] as const)),
  )
}

/** The code of ../type-errors/greeter.proto, which the programs import. */
function contract(): ReturnType<typeof generate> {
  const { files, diagnostics } = compile({ files: ["greeter.proto"], read: () => greeter })
  assert.deepEqual(diagnostics, [])
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }))
  return generate([registry.getFile("greeter.proto")!], {}).map(({ path, text }) => ({ path: `gen/${path}`, text }))
}

/** `undefined`: it compiles. */
function expectationOf(path: string, text: string, version: TypeScriptVersion): CompileError | undefined {
  if (text.startsWith("// compiles\n")) return undefined
  for (const [, only, code, fragment] of text.matchAll(/^\/\/ (?:(\d\.\d) )?(TS\d+): (.+)$/gm)) {
    if (only === undefined || only === version) return { code: code!, text: fragment! }
  }
  return assert.fail(`${path} does not say what TypeScript ${version} finds wrong with it`)
}

function patternOf(fragment: string): RegExp {
  const parts = fragment.split(/\s*…\s*/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
  return new RegExp(parts.join("[\\s\\S]*"))
}

/** Of each file of a project. */
function firstErrors(said: string): ReadonlyMap<string, CompileError> {
  const errors = new Map<string, CompileError>()
  for (const one of said.split(/^(?=\S+\(\d+,\d+\): error )/m)) {
    const [, path, code, text] = /^\S*?src\/([^(]+)\(\d+,\d+\): error (TS\d+): ([\s\S]*)$/.exec(one) ?? []
    if (path !== undefined && !errors.has(path)) errors.set(path, { code: code!, text: text! })
  }
  return errors
}
