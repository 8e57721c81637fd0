// Writes the codecs of the well-known types into src/gen: `node packages/protobuf/generate.mjs`, after the tools are built.
import { fileURLToPath } from "node:url"
import { generateWellKnownCodecs } from "../tools/dist/generate/well-known.js"
import { writeFiles } from "../tools/dist/generate/write-files.js"

const folder = fileURLToPath(new URL("src/gen", import.meta.url))
for (const path of writeFiles(folder, generateWellKnownCodecs())) console.log(`wrote packages/protobuf/src/gen/${path}`)
