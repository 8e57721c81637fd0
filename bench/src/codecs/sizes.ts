import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import type { LibraryName } from "./library.js"
import type { PeerCode } from "./peer-code.js"

/** Bytes, minified and gzipped, of the code generated for a service of ten methods and its fifteen messages. */
export interface CodeSize {
  readonly library: LibraryName
  /** The generated code alone, as it is in a program that has the runtime library anyway. */
  readonly generated: number
  /** With what it needs of the library to write and read messages. */
  readonly withRuntime: number
}

export async function measureCodeSizes({ folder, withoutGoogle }: PeerCode): Promise<CodeSize[]> {
  const own = (name: string): string => fileURLToPath(new URL(`../gen/${name}`, import.meta.url))
  const programs: [LibraryName, string][] = [
    ["farcall", `export * from ${JSON.stringify(own("ten_methods_grpc.js"))}`],
    [
      "protobuf-es",
      `export * from ${JSON.stringify(own("ten_methods_pb.js"))}
       export { fromBinary, toBinary } from "@bufbuild/protobuf"`,
    ],
    ["protobufjs static", `export * from ${JSON.stringify(join(folder, "ten_methods_protobufjs.js"))}`],
    ["ts-proto", `export * from ${JSON.stringify(join(folder, "ten_methods.js"))}`],
  ]
  // Its generator writes messages only; services are another plugin's.
  const google = `export * from ${JSON.stringify(join(folder, "ten_methods_pb.cjs"))}`
  if (withoutGoogle === undefined) programs.push(["google-protobuf", google])
  return Promise.all(
    programs.map(async ([library, program]): Promise<CodeSize> => {
      const [generated, withRuntime] = await Promise.all([bundledSize(program, true), bundledSize(program, false)])
      return { library, generated, withRuntime }
    }),
  )
}

const here: string = fileURLToPath(new URL(".", import.meta.url))

async function bundledSize(program: string, withoutRuntime: boolean): Promise<number> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: here },
    absWorkingDir: here,
    bundle: true,
    // What is imported only when it is asked for (our services' descriptors, for reflection) has files of its own.
    splitting: true,
    minify: true,
    write: false,
    outdir: "out",
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "error",
    ...(withoutRuntime ? { external: ["@bufbuild/*", "@farcall/*", "farcall", "protobufjs", "google-protobuf"] } : {}),
  })
  const loaded = new Set<string>()
  const load = (path: string): void => {
    if (loaded.has(path)) return
    loaded.add(path)
    for (const { path: other, kind, external } of metafile.outputs[path]!.imports) {
      if (kind === "import-statement" && external !== true) load(other)
    }
  }
  load(Object.keys(metafile.outputs).find((path) => metafile.outputs[path]!.entryPoint !== undefined)!)
  const contents = outputFiles.filter(({ path }) => loaded.has(relative(here, path))).map((file) => file.contents)
  return gzipSync(Buffer.concat(contents), { level: 9 }).length
}
