import type { DescFile, DescService } from "@bufbuild/protobuf"
import { type ReflectedFile, UniqueFiles } from "./reflected-file.js"
import { extensionsIn, messagesIn, symbolsIn } from "./symbols.js"

/**
 * What a server can say of itself: its services, and what their files and those that these import define. Where files
 * define the same name, as two contracts may that have never met before, it is that of the file which came first; names of
 * services that are served come before all others.
 */
export class DescriptorIndex {
  /** The full names of all services that are served, sorted. */
  readonly services: readonly string[]
  private readonly files: ReadonlyMap<string, ReflectedFile>
  private readonly symbols: Map<string, ReflectedFile> = new Map()
  /** By the message that is extended and the number. */
  private readonly extensions: Map<string, Map<number, ReflectedFile>> = new Map()

  /**
   * @param services the names of all that are served, those too without a descriptor
   * @param descriptors those of the services, in the order in which they were added
   * @param further files that no service needs
   */
  constructor(services: readonly string[], descriptors: readonly DescService[], further: readonly DescFile[]) {
    this.services = services.toSorted()
    const unique = new UniqueFiles()
    for (const service of descriptors) {
      const file = unique.add(service.file)
      this.define(service.typeName, file)
      for (const { name } of service.methods) this.define(`${service.typeName}.${name}`, file)
    }
    for (const file of further) unique.add(file)
    this.files = unique.byName
    for (const file of this.files.values()) this.addContent(file)
  }

  fileByName(name: string): ReflectedFile | undefined {
    return this.files.get(name)
  }

  /** @param symbol the full name of a service, method, message, field, oneof, enum, value or extension */
  fileOfSymbol(symbol: string): ReflectedFile | undefined {
    return this.symbols.get(symbol)
  }

  fileOfExtension(message: string, number: number): ReflectedFile | undefined {
    return this.extensions.get(message)?.get(number)
  }

  /** In ascending order, none where a message has no extensions; `undefined`: there is no such message. */
  extensionNumbersOf(message: string): readonly number[] | undefined {
    const numbers = this.extensions.get(message)
    return numbers && [...numbers.keys()].toSorted((a, b) => a - b)
  }

  private addContent(file: ReflectedFile): void {
    for (const symbol of symbolsIn(file.proto)) this.define(symbol, file)
    for (const message of messagesIn(file.proto)) this.extensionsOf(message)
    for (const [message, number] of extensionsIn(file.proto)) {
      const numbers = this.extensionsOf(message)
      if (!numbers.has(number)) numbers.set(number, file)
    }
  }

  private define(symbol: string, file: ReflectedFile): void {
    if (!this.symbols.has(symbol)) this.symbols.set(symbol, file)
  }

  private extensionsOf(message: string): Map<number, ReflectedFile> {
    let numbers = this.extensions.get(message)
    if (numbers === undefined) this.extensions.set(message, (numbers = new Map()))
    return numbers
  }
}
