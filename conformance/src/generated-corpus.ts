import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { create, createFileRegistry, type DescFile } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { compile, formatDiagnostic } from "@farcall/tools/compile"

const require = createRequire(import.meta.url)
const INCLUDE: string = join(dirname(require.resolve("protoc/package.json")), "include")
const CORPUS: string = dirname(require.resolve("google-proto-files/package.json"))

/** Files that can be compiled together, as generators want them. */
export interface CompiledBatch {
  readonly files: readonly DescFile[]
}

/**
 * Compiles files of the corpus, so many at once. Some files of the corpus define the same names, because they are the
 * same under two paths: a batch that has both is compiled in halves.
 */
export function* compiledBatches(
  names: readonly string[],
  folder: string = CORPUS,
  size: number = 250,
): Generator<CompiledBatch> {
  for (let i = 0; i < names.length; i += size) yield* compileBatch(names.slice(i, i + size), folder)
}

function* compileBatch(names: readonly string[], folder: string): Generator<CompiledBatch> {
  const read = (name: string): Uint8Array | undefined => readProto(name, folder)
  const { files, diagnostics } = compile({ files: names, read, includeSourceInfo: true })
  const error = diagnostics.find(({ severity }) => severity === "error")
  if (error === undefined) {
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files }))
    yield { files: names.map((name) => registry.getFile(name)!) }
    return
  }
  if (names.length === 1) throw new Error(formatDiagnostic(error))
  const middle = names.length >> 1
  yield* compileBatch(names.slice(0, middle), folder)
  yield* compileBatch(names.slice(middle), folder)
}

function readProto(name: string, folder: string): Uint8Array | undefined {
  for (const path of [INCLUDE, folder]) {
    try {
      return readFileSync(join(path, name))
    } catch {
      // The next folder may have it.
    }
  }
  return undefined
}
