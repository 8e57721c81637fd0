/**
 * The name of the server that a TLS client asks for (RFC 6066 §3), read off its first message, before anything is
 * answered: Node's own callback for it comes too late to show a certificate of another kind of key.
 * @param bytes all that came so far
 * @returns the name; `undefined` when there is none, or no ClientHello; `"incomplete"` when more is to come
 */
export function serverNameOf(bytes: Uint8Array): { readonly name: string | undefined } | "incomplete" {
  const message = handshakeBytes(bytes)
  const reader = new ByteReader(message.bytes)
  try {
    if (reader.number(1) !== CLIENT_HELLO) return nameless
    const hello = new ByteReader(reader.vector(3))
    hello.skip(2 + 32) // version, random
    hello.vector(1) // session id
    hello.vector(2) // cipher suites
    hello.vector(1) // compression methods
    if (hello.atEnd) return nameless
    const extensions = new ByteReader(hello.vector(2))
    while (!extensions.atEnd) {
      const type = extensions.number(2)
      const content = extensions.vector(2)
      if (type === SERVER_NAME) return { name: hostIn(new ByteReader(content)) }
    }
    return nameless
  } catch (error) {
    if (!(error instanceof TooShort)) throw error
    // Of a whole message it is the message's own fault.
    return message.mayGrow && message.bytes.length < announced(message.bytes) ? "incomplete" : nameless
  }
}

const nameless = { name: undefined } as const

/** RFC 8446 §4, §5.1; RFC 6066 §3. */
const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const HOST_NAME = 0

/** What records of type handshake carry, joined; it grows until something else comes. */
function handshakeBytes(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly mayGrow: boolean } {
  const joined = new Uint8Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE_RECORD) return { bytes: joined.subarray(0, length), mayGrow: false }
    if (at + 5 > bytes.length) break
    const stop = at + 5 + ((bytes[at + 3]! << 8) | bytes[at + 4]!)
    const part = bytes.subarray(at + 5, stop)
    joined.set(part, length)
    length += part.length
    at = stop
  }
  return { bytes: joined.subarray(0, length), mayGrow: true }
}

/** How long the message says it is, its own head included. */
function announced(message: Uint8Array): number {
  return message.length < 4 ? 4 : 4 + ((message[1]! << 16) | (message[2]! << 8) | message[3]!)
}

function hostIn(extension: ByteReader): string | undefined {
  const names = new ByteReader(extension.vector(2))
  while (!names.atEnd) {
    const type = names.number(1)
    const name = names.vector(2)
    if (type === HOST_NAME) return String.fromCharCode(...name.subarray(0, 255))
  }
  return undefined
}

class TooShort extends Error {}

class ByteReader {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get atEnd(): boolean {
    return this.at >= this.bytes.length
  }

  skip(length: number): void {
    this.at += length
    if (this.at > this.bytes.length) throw new TooShort()
  }

  /** A number of so many bytes, the most significant first. */
  number(size: number): number {
    const from = this.at
    this.skip(size)
    let value = 0
    for (let i = from; i < this.at; i++) value = value * 256 + this.bytes[i]!
    return value
  }

  /** Bytes behind their length, which takes so many bytes itself. */
  vector(sizeOfLength: number): Uint8Array {
    const length = this.number(sizeOfLength)
    const from = this.at
    this.skip(length)
    return this.bytes.subarray(from, this.at)
  }
}
