import { create, toBinary } from "@bufbuild/protobuf"
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"

/** The bytes of a FileDescriptorSet of these files, as protoc writes it to `--descriptor_set_out`. */
export function encodeDescriptorSet(files: readonly FileDescriptorProto[]): Uint8Array {
  const set = create(FileDescriptorSetSchema)
  set.file = [...files]
  return toBinary(FileDescriptorSetSchema, set)
}
