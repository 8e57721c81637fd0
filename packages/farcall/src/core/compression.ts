import { withReason } from "./reason.js"
/**
 * A way to make messages smaller, under the name that `grpc-encoding` has for it. Each message is compressed by itself
 * (gRPC over HTTP/2, "Message-Encoding"; checklist point 32).
 */
export interface Compression {
  /** Lower-case letters, digits, `-` and `_`: `gzip`. */
  readonly name: string
  /** May take its time: what follows on the stream waits, other calls do not. */
  compress(message: Uint8Array): Uint8Array | Promise<Uint8Array>
  /**
   * @param maxLength bytes of the longest message that is accepted
   * @throws MessageTooLong when it would become longer: no more than that may ever be in memory; any other error when the
   *   bytes are no such compressed message
   */
  decompress(message: Uint8Array, maxLength: number): Uint8Array | Promise<Uint8Array>
}

/** A message inflates to more than is accepted. */
export class MessageTooLong extends Error {
  constructor(maxLength: number) {
    super(`message inflates to more than the limit of ${maxLength} bytes`)
    this.name = "MessageTooLong"
  }
}

/** The name for no compression. */
export const identity = "identity"

/** The compressions that one side knows, by name. */
export class Compressions {
  /** For `grpc-accept-encoding`: `identity,gzip,deflate`. */
  readonly accepted: string
  private readonly byName: ReadonlyMap<string, Compression>

  /** @throws TypeError when a name cannot stand in a header, or stands for no compression */
  constructor(all: readonly Compression[]) {
    for (const { name } of all) {
      if (!/^[a-z0-9_-]+$/.test(name) || name === identity)
        throw withReason("FARCALL_COMPRESSION", new TypeError(`a compression cannot be called ${JSON.stringify(name)}`))
    }
    this.byName = new Map(all.map((compression) => [compression.name, compression]))
    this.accepted = [identity, ...this.byName.keys()].join(",")
  }

  /** `undefined` for one that is not known. */
  find(name: string): Compression | undefined {
    return this.byName.get(name)
  }

  /**
   * The compression that a user asks for; `undefined` for none.
   * @param where the function that the user called, for the error
   * @throws TypeError for a name that is not known
   */
  choose(where: string, name: string | undefined): Compression | undefined {
    if (name === undefined || name === identity) return undefined
    const found = this.byName.get(name)
    if (found !== undefined) return found
    throw withReason(
      "FARCALL_COMPRESSION",
      new TypeError(`${where}: the compression ${JSON.stringify(name)} is not known; there are ${this.accepted}`),
    )
  }
}

/** Whether a `grpc-accept-encoding` takes messages of this encoding. A peer that does not say takes none (point 35). */
export function accepts(acceptEncoding: string | undefined, name: string): boolean {
  return acceptEncoding?.split(",").some((one) => one.trim() === name) === true
}

/** Messages that are to be sent as they are, where others of their call are compressed. */
const incompressible = new WeakSet<object>()

/** Says of one message whether it may be compressed; it keeps that on its way through interceptors. */
export function markCompressible(message: unknown, compress: boolean): void {
  if (typeof message !== "object" || message === null) return
  if (compress) incompressible.delete(message)
  else incompressible.add(message)
}

export function mayCompress(message: unknown): boolean {
  return !incompressible.has(message as object)
}
