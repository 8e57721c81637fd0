import { createRegistry, type DescExtension, type DescFile, type DescMessage, type Registry } from "@bufbuild/protobuf"

/** The types that a message may hold: those of a registry, and those that its own file imports. */
export class KnownTypes {
  readonly #schema: DescMessage
  readonly #registry: Registry | undefined
  #imported: Registry | undefined

  constructor(schema: DescMessage, registry: Registry | undefined) {
    this.#schema = schema
    this.#registry = registry
  }

  message(typeName: string): DescMessage | undefined {
    return this.#registry?.getMessage(typeName) ?? this.#fromImports.getMessage(typeName)
  }

  extension(extendee: DescMessage, number: number): DescExtension | undefined {
    return this.#registry?.getExtensionFor(extendee, number) ?? this.#fromImports.getExtensionFor(extendee, number)
  }

  /** Asked for only by messages that have an Any or an extension, so made by the first of them. */
  get #fromImports(): Registry {
    this.#imported ??= createRegistry(...withImports(this.#schema.file))
    return this.#imported
  }
}

function withImports(file: DescFile): Set<DescFile> {
  const files = new Set([file])
  // A set that grows while it is walked is walked to its end.
  for (const each of files) for (const dependency of each.dependencies) files.add(dependency)
  return files
}
