// Writes the codecs of the well-known types: `node packages/protobuf/generate.mjs [FOLDER]`, after the tools are built.
import { fileURLToPath } from "node:url"
import { generateWellKnownCodecs } from "../tools/dist/generate/well-known.js"
import { writeFiles } from "../tools/dist/generate/write-files.js"

const folder = process.argv[2] ?? fileURLToPath(new URL("src/gen", import.meta.url))
for (const path of writeFiles(folder, generateWellKnownCodecs())) console.log(`wrote ${folder}/${path}`)
