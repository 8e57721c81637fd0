import { fileURLToPath } from "node:url"
import { type GenerateOptions, generate } from "@farcall/tools"
import { proto3Corpus, sample } from "./descriptor-identity.js"
import { compiledBatches } from "./generated-corpus.js"
import { TypeScriptProject, type TypeScriptVersion } from "./generated-types.js"

/** A way of generating, and the compiler and the options under which what comes of it has to hold. */
export interface Form {
  readonly title: string
  readonly options: GenerateOptions
  readonly version: TypeScriptVersion
  readonly compilerOptions: Readonly<Record<string, unknown>>
}

/** The forms beside the usual one, which `codec-comparison.ts` type-checks on all of the corpus. */
export const forms: readonly Form[] = [
  { title: "TypeScript 5.9", options: {}, version: "5.9", compilerOptions: { noEmit: true } },
  {
    title: "enums as objects, JSON types, imports in .ts, an index, under erasableSyntaxOnly",
    options: { enums: "object", jsonTypes: true, importExtension: "ts", index: true },
    version: "7.0",
    compilerOptions: { erasableSyntaxOnly: true, allowImportingTsExtensions: true, noEmit: true },
  },
  {
    title: "the same, imports without an extension, TypeScript 5.9, for a bundler",
    options: { enums: "object", jsonTypes: true, importExtension: "none", index: true },
    version: "5.9",
    compilerOptions: { erasableSyntaxOnly: true, module: "esnext", moduleResolution: "bundler", noEmit: true },
  },
]

/** Generates code in one form for files of the corpus; returns what the compiler complains of. */
export async function checkForm(form: Form, names: readonly string[], folder?: string): Promise<string> {
  const project = new TypeScriptProject()
  try {
    for (const batch of compiledBatches(names, folder)) project.write(generate(batch.files, form.options))
    return await project.typeCheck(form.version, form.compilerOptions)
  } finally {
    project.remove()
  }
}

/** Files for each run of a compiler. */
const CHUNK = 200

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const corpus = proto3Corpus()
  const names = process.argv.includes("--full") ? corpus : sample(corpus, 50, 4)
  for (const form of forms) {
    let clean = 0
    for (let i = 0; i < names.length; i += CHUNK) {
      const chunk = names.slice(i, i + CHUNK)
      const complaints = await checkForm(form, chunk)
      if (complaints === "") clean += chunk.length
      else console.error(complaints.slice(0, 4000))
    }
    console.log(`type-checks, ${form.title}: ${clean}/${names.length} (of ${corpus.length} files)`)
    if (clean < names.length || names.length === 0) process.exitCode = 1
  }
}
