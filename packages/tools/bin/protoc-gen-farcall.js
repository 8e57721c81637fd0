#!/usr/bin/env node
// Apart from dist, so that npm finds something to link on a fresh clone, before the first build. In what is published the
// command is one file, which starts sooner; in a clone, which has what tsc notes of its builds, it is what tsc made last.
import { existsSync } from "node:fs"

const isClone = existsSync(new URL("../dist/build.tsbuildinfo", import.meta.url))
await import(isClone ? "../dist/cli/protoc-gen-farcall.js" : "../dist/commands/protoc-gen-farcall.js")
