import type { Clock, Timer } from "../core/clock.js"
import { limits } from "../core/limits.js"
import type { Wire, WireHandler } from "../transport/wire.js"

/** Connections of which it is not known yet whether they speak HTTP/2. */
export type PendingConnections = Set<{ drop(): void }>

export interface GreetingOptions {
  readonly clock: Clock
  /** Takes a connection over; returns who is now told of what the wire brings, beginning with its first bytes. */
  accept(wire: Wire): WireHandler
  /** Told of connections that come to nothing, with why. */
  readonly onConnectionError?: ((error: Error) => void) | undefined
}

/**
 * Tells by a connection's first bytes what it speaks: HTTP/2 goes on to the server, HTTP/1.1 is told in HTTP/1.1 that
 * this is a gRPC server, and TLS too, which is not for a server that speaks plaintext; anything else is closed without an
 * answer.
 */
export function greet(wire: Wire, options: GreetingOptions, pending: PendingConnections): void {
  const greeter = new Greeter(wire, options, () => pending.delete(greeter))
  pending.add(greeter)
  wire.attach(greeter)
}

const prefaceText = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
const preface = new TextEncoder().encode(prefaceText)

class Greeter implements WireHandler {
  private readonly wire: Wire
  private readonly options: GreetingOptions
  private readonly onDone: () => void
  private readonly timer: Timer
  private line = ""

  constructor(wire: Wire, options: GreetingOptions, onDone: () => void) {
    this.wire = wire
    this.options = options
    this.onDone = onDone
    this.timer = options.clock.after(limits.firstBytesMs, () => {
      this.tell(`${wire.peer} did not say within ${limits.firstBytesMs} ms what it speaks`)
      this.drop()
    })
  }

  onChunk(chunk: Uint8Array, start: number, stop: number): void {
    if (this.line === "" && stop - start >= preface.length && isHttp2(chunk, start)) {
      this.accept(chunk, start, stop)
      return
    }
    this.line += Buffer.from(chunk.buffer, chunk.byteOffset + start, stop - start).toString("latin1")
    // A preface that dribbles in has no more time than any other first bytes.
    if (prefaceText.startsWith(this.line)) {
      if (this.line.length < prefaceText.length) return
    } else if (!this.line.startsWith(prefaceText)) {
      this.refuse()
      return
    }
    const bytes = Buffer.from(this.line, "latin1")
    this.accept(bytes, 0, bytes.length)
  }

  private accept(chunk: Uint8Array, start: number, stop: number): void {
    this.done()
    this.options.accept(this.wire).onChunk(chunk, start, stop)
  }

  /** It is not HTTP/2; its first line says what it is. */
  private refuse(): void {
    const tls = this.line.startsWith(tlsHandshake)
    const end = this.line.indexOf("\n")
    if (!tls && end < 0 && this.line.length < 8192) return
    this.done()
    if (tls) this.tell(`${this.wire.peer} speaks TLS, and this address takes plaintext`)
    // What is no TLS tells a client that speaks it what is wrong; a connection that is only closed does not.
    if (tls || /^\S+ \S+ HTTP\/1\./.test(this.line)) this.wire.write([http1Answer], () => this.wire.end())
    else this.wire.destroy()
  }

  onWireEnd(): void {
    this.drop()
  }

  onWireClosed(): void {
    this.done()
  }

  drop(): void {
    this.done()
    this.wire.destroy()
  }

  private tell(what: string): void {
    this.options.onConnectionError?.(new Error(what))
  }

  private done(): void {
    this.timer.cancel()
    this.onDone()
  }
}

function isHttp2(chunk: Uint8Array, start: number): boolean {
  return preface.every((byte, i) => chunk[start + i] === byte)
}

/** RFC 8446 §5.1: a record of type handshake (22), and the version that all records bear. */
const tlsHandshake = "\x16\x03"

const http1Text = "This is a gRPC server: it speaks HTTP/2 only. Use a gRPC client.\n"
const http1Answer = new TextEncoder().encode(
  `HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${http1Text.length}\r\n\r\n${http1Text}`,
)
