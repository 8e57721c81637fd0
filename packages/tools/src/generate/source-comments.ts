import type { AnyDesc, DescFile } from "@bufbuild/protobuf"
import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt"

/** The comments of an element alone, before and after it, without the blank that follows `//`. */
export function sourceComment(desc: Exclude<AnyDesc, DescFile>): string {
  const location = locate(fileOf(desc), pathOf(desc))
  if (location === undefined) return ""
  return [location.leadingComments, location.trailingComments]
    .filter((comment) => comment !== "")
    .map((comment) => comment.replace(/\n$/, ""))
    .join("\n\n")
    .split("\n")
    .map((line) => (line.startsWith(" ") ? line.slice(1) : line))
    .join("\n")
}

/** The comments that stand before a statement of the file, set apart or not. */
export function commentsBefore(file: DescFile, path: SourcePath): string[] {
  const location = locate(file, path)
  if (location === undefined) return []
  return [...location.leadingDetachedComments, location.leadingComments]
    .filter((comment) => comment !== "")
    .map((comment) => comment.replace(/\n$/, ""))
}

/** What protoc calls an element's path: field numbers and indexes in FileDescriptorProto, as source info has them. */
type SourcePath = readonly number[]

/** Source info is a list of thousands of places in a large file, and is asked once for every element: keep it by path. */
function locate(file: DescFile, path: SourcePath): SourceCodeInfo_Location | undefined {
  let places = placesByFile.get(file)
  if (places === undefined) {
    places = new Map()
    for (const location of file.proto.sourceCodeInfo?.location ?? []) {
      const key = location.path.join(".")
      if (!places.has(key)) places.set(key, location)
    }
    placesByFile.set(file, places)
  }
  return places.get(path.join("."))
}

const placesByFile: WeakMap<DescFile, Map<string, SourceCodeInfo_Location>> = new WeakMap()

function fileOf(desc: Exclude<AnyDesc, DescFile>): DescFile {
  return "file" in desc ? desc.file : desc.parent.file
}

function pathOf(desc: Exclude<AnyDesc, DescFile>): SourcePath {
  switch (desc.kind) {
    case "message":
      return desc.parent
        ? [...pathOf(desc.parent), 3, desc.parent.proto.nestedType.indexOf(desc.proto)]
        : [4, desc.file.proto.messageType.indexOf(desc.proto)]
    case "enum":
      return desc.parent
        ? [...pathOf(desc.parent), 4, desc.parent.proto.enumType.indexOf(desc.proto)]
        : [5, desc.file.proto.enumType.indexOf(desc.proto)]
    case "extension":
      return desc.parent
        ? [...pathOf(desc.parent), 6, desc.parent.proto.extension.indexOf(desc.proto)]
        : [7, desc.file.proto.extension.indexOf(desc.proto)]
    case "service":
      return [6, desc.file.proto.service.indexOf(desc.proto)]
    case "field":
      return [...pathOf(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)]
    case "oneof":
      return [...pathOf(desc.parent), 8, desc.parent.proto.oneofDecl.indexOf(desc.proto)]
    case "enum_value":
    case "rpc":
      return [...pathOf(desc.parent), 2, indexInParent(desc)]
  }
}

function indexInParent(desc: Extract<AnyDesc, { kind: "enum_value" | "rpc" }>): number {
  return desc.kind === "rpc"
    ? desc.parent.proto.method.indexOf(desc.proto)
    : desc.parent.proto.value.indexOf(desc.proto)
}
