import type { DescFile } from "@bufbuild/protobuf"
import {
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_compiler_plugin,
  file_google_protobuf_cpp_features,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_go_features,
  file_google_protobuf_java_features,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt"
import { generateCodecs } from "./codecs.js"
import type { GeneratedFile } from "./generate.js"
import { wellKnownLayout } from "./modules.js"

/** The codecs of the well-known types, as `@farcall/protobuf` has them; their types are those of `@bufbuild/protobuf/wkt`. */
export function generateWellKnownCodecs(): GeneratedFile[] {
  return files
    .filter((file) => file.messages.length > 0)
    .map((file) => ({ path: `${file.name}_codec.ts`, text: generateCodecs(file, wellKnownLayout) }))
}

const files: readonly DescFile[] = [
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_compiler_plugin,
  file_google_protobuf_cpp_features,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_go_features,
  file_google_protobuf_java_features,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
]
