import type { DescFile } from "@bufbuild/protobuf"
import * as wkt from "@bufbuild/protobuf/wkt"
import { generateCodecs } from "./codecs.js"
import type { GeneratedFile } from "./generate.js"
import { wellKnownLayout } from "./modules.js"

/** The codecs of the well-known types, as `@farcall/protobuf` has them; their types are those of `@bufbuild/protobuf/wkt`. */
export function generateWellKnownCodecs(): GeneratedFile[] {
  return files
    .filter((file) => file.messages.length > 0)
    .map((file) => ({ path: `${file.name}_codec.ts`, text: generateCodecs(file, wellKnownLayout) }))
}

const files: readonly DescFile[] = Object.values(wkt).filter(isFile)

function isFile(value: (typeof wkt)[keyof typeof wkt]): value is Extract<typeof value, DescFile> {
  return "kind" in value && value.kind === "file"
}
