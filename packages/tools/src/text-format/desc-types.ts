import type { DescFile, DescMessage, Registry } from "@bufbuild/protobuf"
import { declarePrecompiled } from "../compile/declare-precompiled.js"
import type { DynamicField } from "../compile/dynamic-message.js"
import { FileFeatures, featuresInOptions } from "../compile/features.js"
import {
  type DeclaredSymbol,
  type EnumSymbol,
  type MessageSymbol,
  type SourceFile,
  SymbolTable,
} from "../compile/symbols.js"
import { extensionInText } from "./extension-in-text.js"
import type { TextFormatTypes } from "./text-parser.js"

/** The types that a text may speak of, as descriptors tell them. */
export class DescTypes implements TextFormatTypes {
  readonly #symbols: SymbolTable = new SymbolTable()
  readonly #files: Set<DescFile> = new Set()
  readonly #registry: Registry | undefined

  /** @param registry what extensions and Any may be of; files that a message's own file imports need not be in it */
  constructor(message: DescMessage, registry: Registry | undefined) {
    this.#registry = registry
    this.#add(message.file)
  }

  message(name: string): MessageSymbol | undefined {
    const symbol = this.#named(name)
    return symbol?.kind === "message" ? symbol : undefined
  }

  field(message: MessageSymbol, name: string): DynamicField | undefined {
    const symbol = this.#symbols.get(`${message.name}.${name}`)
    return symbol?.kind === "field" ? { proto: symbol.node, name: symbol.name, file: symbol.file } : undefined
  }

  extension(message: MessageSymbol, name: string): DynamicField | undefined {
    return extensionInText(message, this.#named(name))
  }

  // What fields have as their types is in the files that theirs import.
  messageOf({ proto }: DynamicField): MessageSymbol {
    return this.#symbols.get(proto.typeName.slice(1)) as MessageSymbol
  }

  enumOf({ proto }: DynamicField): EnumSymbol {
    return this.#symbols.get(proto.typeName.slice(1)) as EnumSymbol
  }

  messageInAny(_typeUrl: string, typeName: string): MessageSymbol | undefined {
    return this.message(typeName)
  }

  /** What a text names. A registry may be large, so its files are taken in as they are asked for. */
  #named(name: string): DeclaredSymbol | undefined {
    const known = this.#symbols.get(name)
    if (known !== undefined) return known
    const desc = this.#registry?.get(name)
    if (desc !== undefined) this.#add(desc.file)
    return this.#symbols.get(name)
  }

  #add(file: DescFile): void {
    if (this.#files.has(file)) return
    this.#files.add(file)
    declarePrecompiled(this.#symbols, sourceOf(file))
    for (const dependency of file.dependencies) this.#add(dependency)
  }
}

function sourceOf(file: DescFile): SourceFile {
  let source = sources.get(file)
  if (source === undefined) {
    const { proto } = file
    const features = new FileFeatures(proto, featuresInOptions)
    source = { proto, dependencies: [], optionDependencies: [], features, rangeOptions: new Map() }
    sources.set(file, source)
  }
  return source
}

const sources = new WeakMap<DescFile, SourceFile>()
