import { clone, type DescFile, toBinary } from "@bufbuild/protobuf"
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"

/** A .proto file as clients are given it. */
export class ReflectedFile {
  readonly proto: FileDescriptorProto
  /** What it imports. */
  readonly dependencies: readonly ReflectedFile[]
  private serialized: Uint8Array | undefined = undefined

  constructor(proto: FileDescriptorProto, dependencies: readonly ReflectedFile[]) {
    this.proto = proto
    this.dependencies = dependencies
  }

  /** The serialized FileDescriptorProto. */
  get bytes(): Uint8Array {
    return (this.serialized ??= toBinary(FileDescriptorProtoSchema, this.proto))
  }
}

/**
 * Files under names that are theirs alone. Where programs of several contracts have files of one name with different
 * content, `example.proto`, all but the first are called `example-2.proto`, `example-3.proto`, …, by those too that import
 * them; the same content twice, a copy in each contract, is one file.
 */
export class UniqueFiles {
  /** Each file behind those that it imports. */
  readonly byName: Map<string, ReflectedFile> = new Map()
  private readonly byDescriptor: Map<DescFile, ReflectedFile> = new Map()
  /** What has been made of the files of a name. */
  private readonly variants: Map<string, Variant[]> = new Map()

  /** Adds a file and all that it imports. */
  add(file: DescFile): ReflectedFile {
    const known = this.byDescriptor.get(file)
    if (known !== undefined) return known
    const dependencies = file.dependencies.map((dependency) => this.add(dependency))
    const reflected = this.twinOf(file, dependencies) ?? this.addNew(file, dependencies)
    this.byDescriptor.set(file, reflected)
    return reflected
  }

  private twinOf({ proto }: DescFile, dependencies: readonly ReflectedFile[]): ReflectedFile | undefined {
    return this.variants
      .get(proto.name)
      ?.find(
        ({ original, reflected }) =>
          reflected.dependencies.every((dependency, i) => dependency === dependencies[i]) &&
          sameContent(original, proto),
      )?.reflected
  }

  private addNew({ proto }: DescFile, dependencies: readonly ReflectedFile[]): ReflectedFile {
    const name = this.freeName(proto.name)
    const reflected = new ReflectedFile(renamed(proto, name, dependencies), dependencies)
    this.byName.set(name, reflected)
    const variants = this.variants.get(proto.name)
    if (variants === undefined) this.variants.set(proto.name, [{ original: proto, reflected }])
    else variants.push({ original: proto, reflected })
    return reflected
  }

  private freeName(name: string): string {
    let free = name
    for (let i = 2; this.byName.has(free); i++) free = name.replace(/(\.proto)?$/, `-${i}$1`)
    return free
  }
}

interface Variant {
  readonly original: FileDescriptorProto
  readonly reflected: ReflectedFile
}

/** The descriptor with its own and its imports' names as clients know them; the same one where these are its own. */
function renamed(
  proto: FileDescriptorProto,
  name: string,
  dependencies: readonly ReflectedFile[],
): FileDescriptorProto {
  const names = dependencies.map((dependency) => dependency.proto.name)
  if (name === proto.name && names.every((each, i) => each === proto.dependency[i])) return proto
  const copy = clone(FileDescriptorProtoSchema, proto)
  copy.name = name
  copy.dependency = names
  return copy
}

function sameContent(a: FileDescriptorProto, b: FileDescriptorProto): boolean {
  if (a === b) return true
  const [left, right] = [a, b].map((proto) => toBinary(FileDescriptorProtoSchema, proto))
  return left!.length === right!.length && left!.every((byte, i) => byte === right![i])
}
