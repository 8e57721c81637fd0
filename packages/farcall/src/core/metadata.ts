import { decodeBase64, encodeBase64 } from "./base64.js"
import { withReason } from "./reason.js"
import { showAs } from "./shown-as.js"
import { shownOf } from "./shown-metadata.js"

/** What a plain object may say metadata with: one value or several for each key. */
export type MetadataInit = Metadata | Readonly<Record<string, MetadataValue | readonly MetadataValue[]>>

/** Text, or bytes where the key ends in `-bin`. */
export type MetadataValue = string | Uint8Array

/** A key whose values are bytes. */
export type BinaryKey = `${string}-bin`

/**
 * The metadata of a call: keys in lower case, each with one or several values, in the order in which they were given.
 * Values of keys that end in `-bin` are bytes; all others are printable ASCII text. Keys that begin with `grpc-` belong
 * to the protocol: they are hidden on receipt and refused here, but for the few that are meant for applications
 * (checklist point 21).
 */
export class Metadata {
  /** key, value, key, value … as on the wire, but for binary values, which are decoded. */
  private readonly entriesFlat: (string | Uint8Array)[] = []

  /** @throws TypeError when a key or a value is not allowed, or `init` is no plain object. */
  constructor(init?: MetadataInit) {
    if (init === undefined) return
    if (init instanceof Metadata) {
      this.entriesFlat.push(...init.entriesFlat)
      return
    }
    // A Map has no properties of its own, and a list of pairs has others than are meant: both would be lost unseen.
    if (typeof init !== "object" || init === null || Symbol.iterator in init) throw notAnInit(init)
    for (const key of Object.keys(init)) {
      const value = init[key]
      if (Array.isArray(value)) for (const one of value as readonly MetadataValue[]) this.append(key, one)
      else this.append(key, value as MetadataValue)
    }
  }

  /** The metadata in received header fields (name, value, name, value …), the protocol's own left out. */
  static fromFields(fields: readonly string[]): Metadata {
    const metadata = new Metadata()
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i]!
      if (isReserved(name)) continue
      if (!name.endsWith("-bin")) {
        metadata.entriesFlat.push(name, fields[i + 1]!)
        continue
      }
      // One header may carry several values, joined by commas (checklist point 18).
      for (const part of fields[i + 1]!.split(",")) {
        const bytes = decodeBase64(part.trim())
        if (bytes !== undefined) metadata.entriesFlat.push(name, bytes)
      }
    }
    return metadata
  }

  /** How many values there are in all. */
  get size(): number {
    return this.entriesFlat.length / 2
  }

  /** The first value of `key`. */
  get(key: BinaryKey): Uint8Array | undefined
  get(key: string): string | undefined
  get(key: string): MetadataValue | undefined {
    const wanted = key.toLowerCase()
    const flat = this.entriesFlat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === wanted) return flat[i + 1]
    return undefined
  }

  /** All values of `key`, in order. */
  getAll(key: BinaryKey): Uint8Array[]
  getAll(key: string): string[]
  getAll(key: string): MetadataValue[] {
    const wanted = key.toLowerCase()
    const values: MetadataValue[] = []
    const flat = this.entriesFlat
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === wanted) values.push(flat[i + 1]!)
    return values
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** Adds a value behind those that `key` has. @throws TypeError when the key or the value is not allowed. */
  append(key: string, value: MetadataValue): this {
    const known = checkedKey(key)
    this.entriesFlat.push(known.name, checkedValue(known, value))
    return this
  }

  /** Makes `value` the only value of `key`. @throws TypeError when the key or the value is not allowed. */
  set(key: string, value: MetadataValue): this {
    const known = checkedKey(key)
    const allowed = checkedValue(known, value)
    this.delete(known.name)
    this.entriesFlat.push(known.name, allowed)
    return this
  }

  /** Takes every value of `key` out. */
  delete(key: string): void {
    const wanted = key.toLowerCase()
    const flat = this.entriesFlat
    let kept = 0
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] === wanted) continue
      flat[kept++] = flat[i]!
      flat[kept++] = flat[i + 1]!
    }
    flat.length = kept
  }

  /** Adds every value of `other` behind what is there. */
  merge(other: MetadataInit): this {
    this.entriesFlat.push(...(other instanceof Metadata ? other : new Metadata(other)).entriesFlat)
    return this
  }

  /**
   * What JSON shows of it, and `console.log`, by key: of values whose key speaks of secrets (credentials, cookies, tokens,
   * binary values) their length alone, since what is logged stays.
   */
  toJSON(): Record<string, string> {
    return shownOf(this, true)
  }

  static {
    showAs<Metadata>(Metadata.prototype, "Metadata", (metadata) => ({ ...metadata.toJSON() }))
  }

  *[Symbol.iterator](): IterableIterator<[key: string, value: MetadataValue]> {
    const flat = this.entriesFlat
    for (let i = 0; i < flat.length; i += 2) yield [flat[i] as string, flat[i + 1]!]
  }

  /** Adds this metadata to header fields as they go on the wire: binary values in base64 without padding. */
  appendTo(fields: string[]): void {
    const flat = this.entriesFlat
    for (let i = 0; i < flat.length; i += 2) {
      const value = flat[i + 1]!
      fields.push(flat[i] as string, typeof value === "string" ? value : encodeBase64(value))
    }
  }
}

function notAnInit(init: unknown): TypeError {
  const pairs = typeof init === "object" && init !== null ? "; of pairs Object.fromEntries(pairs) makes one" : ""
  return withReason(
    "FARCALL_BAD_METADATA",
    new TypeError(`metadata is made of a plain object, { key: value }, or of other Metadata${pairs}`),
  )
}

const applicationKeys: ReadonlySet<string> = new Set([
  "grpc-previous-rpc-attempts",
  "grpc-retry-pushback-ms",
  "grpc-status-details-bin",
  "grpc-trace-bin",
  "grpc-tags-bin",
])

/** HTTP's and gRPC's own fields, which users neither see nor set. */
const protocolKeys: ReadonlySet<string> = new Set(["content-type", "te", "user-agent", "host", "content-length"])

function isReserved(name: string): boolean {
  return name.startsWith("grpc-") ? !applicationKeys.has(name) : name === "content-type" || name === "te"
}

const keyPattern = /^[0-9a-z_.-]+$/

/** A key that has been found allowed. */
interface AllowedKey {
  readonly name: string
  readonly binary: boolean
}

/** Keys as they are written: a program has a few, each with every call. */
const allowedKeys: Map<string, AllowedKey> = new Map()
/** Beyond so many they are looked at each time: someone passes on what others have thought of. */
const MOST_KEYS = 500

function checkedKey(key: string): AllowedKey {
  const known = allowedKeys.get(key)
  if (known !== undefined) return known
  const name = key.toLowerCase()
  if (!keyPattern.test(name)) {
    throw withReason(
      "FARCALL_BAD_METADATA",
      new TypeError(`metadata key ${JSON.stringify(name)}: only letters, digits, "_", "-" and "." are allowed`),
    )
  }
  if (isReserved(name) || protocolKeys.has(name)) {
    throw withReason(
      "FARCALL_BAD_METADATA",
      new TypeError(`metadata key ${JSON.stringify(name)} belongs to the protocol`),
    )
  }
  const allowed = { name, binary: name.endsWith("-bin") }
  if (allowedKeys.size < MOST_KEYS) allowedKeys.set(key, allowed)
  return allowed
}

/** The value as it will be sent. Spaces around text are taken off: HTTP/2 forbids them (RFC 9113 §8.2.1). */
function checkedValue({ name, binary }: AllowedKey, value: MetadataValue): MetadataValue {
  if (binary) {
    if (value instanceof Uint8Array) return value
    throw withReason("FARCALL_BAD_METADATA", new TypeError(`metadata value of ${JSON.stringify(name)} must be bytes`))
  }
  if (typeof value !== "string") {
    throw withReason(
      "FARCALL_BAD_METADATA",
      new TypeError(`metadata value of ${JSON.stringify(name)} must be text; keys of bytes end in "-bin"`),
    )
  }
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code < 0x20 || code > 0x7e) {
      throw withReason(
        "FARCALL_BAD_METADATA",
        new TypeError(`metadata value of ${JSON.stringify(name)} has characters other than printable ASCII`),
      )
    }
  }
  return value.startsWith(" ") || value.endsWith(" ") ? value.trim() : value
}
