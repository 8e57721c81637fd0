import type { Role } from "@farcall/http2"
import type { Random } from "../random.js"
import {
  data,
  Flag,
  frame,
  goAway,
  headers,
  ping,
  rstStream,
  settings,
  settingsAck,
  Type,
  uint32,
  windowUpdate,
} from "../wire/frame.js"
import { headerBlock, indexed, integer, literal, request } from "../wire/header-block.js"

/** Frames that a peer of an endpoint in `role` could say, most of them right, each a chance to be wrong in one way. */
export function randomFrames(random: Random, role: Role): Uint8Array[] {
  const speaker = new Speaker(random, role)
  const frames: Uint8Array[] = []
  for (let count = 1 + random.below(14); count > 0; count--) frames.push(...speaker.next())
  return frames
}

class Speaker {
  readonly #random: Random
  readonly #role: Role
  /** The stream that a server has heard of last; a client has opened 1 to 7. */
  #last: number

  constructor(random: Random, role: Role) {
    this.#random = random
    this.#role = role
    this.#last = role === "client" ? 7 : -1
  }

  next(): Uint8Array[] {
    const random = this.#random
    if (this.#last < 0 && !random.oneIn(6)) return [headers(this.#fresh(), this.#block())]
    const produced = random.oneIn(5) ? this.#rare() : this.#usual()
    if (random.oneIn(70)) return this.#repeated(produced)
    if (random.oneIn(30)) return produced.map((one) => this.#bent(one))
    return produced
  }

  #usual(): Uint8Array[] {
    const random = this.#random
    const end = random.oneIn(3)
    switch (random.below(8)) {
      case 0:
      case 1:
        return [headers(this.#fresh(), this.#block(), end)]
      case 2:
        return this.#opened((id) => [
          headers(id, this.#block(), false),
          data(id, random.bytes(random.below(300)), true),
        ])
      case 3:
        return [data(this.#stream(), random.bytes(random.oneIn(8) ? 16_384 : random.below(200)), end)]
      case 4:
        return [rstStream(this.#stream(), random.below(15))]
      case 5:
        return [windowUpdate(random.oneIn(2) ? 0 : this.#stream(), random.pick(increments))]
      case 6:
        return [ping(random.oneIn(6))]
      default:
        return [settings(...this.#entries())]
    }
  }

  #rare(): Uint8Array[] {
    const random = this.#random
    const id = this.#stream()
    switch (random.below(14)) {
      case 0:
        return [settingsAck]
      case 1:
        return [goAway(random.pick([0, 1, 3, id, 2 ** 31 - 1]), random.below(14))]
      case 2:
        return [frame(Type.priority, 0, id, [...uint32(random.pick([0, 1, id])), 7])]
      case 3:
        return [frame(Type.pushPromise, Flag.endHeaders, id, [...uint32(2), ...this.#block()])]
      case 4:
        return [
          frame(10 + random.below(246), random.below(256), random.oneIn(2) ? 0 : id, random.bytes(random.below(40))),
        ]
      case 5: {
        const padding = random.below(random.oneIn(4) ? 256 : 10)
        const content = random.bytes(random.below(30))
        const flags = Flag.padded | random.below(2)
        return [frame(Type.data, flags, id, [padding, ...content, ...new Uint8Array(random.oneIn(4) ? 0 : padding)])]
      }
      case 6: {
        const padding = random.below(20)
        const flags = Flag.padded | Flag.priority | Flag.endHeaders | random.below(2)
        const payload = [padding, ...uint32(random.pick([0, 3, id])), 16, ...this.#block(), ...new Uint8Array(padding)]
        return [frame(Type.headers, flags, this.#fresh(), payload)]
      }
      case 7:
      case 8:
        return this.#split(this.#fresh(), this.#block())
      case 9:
        return [headers(id, headerBlock(["grpc-status", "0"]), !random.oneIn(5))]
      case 10:
        return this.#opened((fresh) => [headers(fresh, this.#block()), rstStream(fresh, 8)])
      case 11:
        return [headers(this.#fresh(), this.#hostileBlock(), random.oneIn(2))]
      case 12:
        if (!random.oneIn(4)) return this.#usual()
        return [frame(random.below(10), random.below(256), id, random.bytes(random.pick([0, 1, 4, 5, 6, 8, 12, 50])))]
      default:
        return random.oneIn(8) ? [random.bytes(1 + random.below(30))] : this.#usual()
    }
  }

  #opened(say: (id: number) => Uint8Array[]): Uint8Array[] {
    return say(this.#fresh())
  }

  /** A new stream's id, of a client; a server answers on what there is. */
  #fresh(): number {
    if (this.#role === "client") return this.#stream()
    return (this.#last += this.#random.oneIn(12) ? 4 : 2)
  }

  #stream(): number {
    const random = this.#random
    if (random.oneIn(40)) return random.pick([0, 2, this.#last + 2, 2 ** 31 - 1])
    return Math.max(1, this.#last - 2 * random.below(4))
  }

  #block(): Uint8Array {
    const random = this.#random
    if (random.oneIn(12)) return this.#hostileBlock()
    if (this.#role === "server") {
      return random.pick([
        request("/fuzz.Service/Method"),
        request("/", ["grpc-timeout", "1S"], ["x-bin", "AAEC"]),
        Buffer.concat([request("/"), literal(0x40, "x-indexed", "v".repeat(random.below(60)))]),
        Buffer.of(0x83, 0x86, 0x84, 0x01, 0x01, 0x78),
        headerBlock([":method", "GET"], [":scheme", "https"], [":path", "*"]),
        headerBlock([":method", "CONNECT"], [":authority", "a:1"]),
        request("/", ["content-length", String(random.below(200))]),
      ])
    }
    return random.pick([
      headerBlock([":status", "200"], ["content-type", "application/grpc"]),
      headerBlock([":status", "100"]),
      Buffer.of(0x88),
      Buffer.concat([Buffer.of(0x88), literal(0x40, "x-indexed", "v".repeat(random.below(60)))]),
      headerBlock([":status", "200"], ["content-length", String(random.below(200))]),
      headerBlock([":status", "200"], ["grpc-status", "0"]),
    ])
  }

  /** What RFC 7541 forbids, or allows and nobody wants. */
  #hostileBlock(): Uint8Array {
    const random = this.#random
    const usual = this.#role === "server" ? request("/") : Buffer.of(0x88)
    switch (random.below(12)) {
      case 0:
        return indexed(0)
      case 1:
        return indexed(62 + random.below(200))
      case 2:
        return Buffer.of(0xff, ...new Uint8Array(random.below(12)).fill(0x80), 0x01)
      case 3:
        return Buffer.concat([integer(0x20, 0x1f, random.pick([0, 100, 4096, 4097, 2 ** 31])), usual])
      case 4:
        return Buffer.concat([usual, integer(0x20, 0x1f, 0)])
      case 5:
        return Buffer.concat([usual, Buffer.of(0x00, 0x81, 0xff, 0x81, random.below(256))])
      case 6:
        return Buffer.concat([usual, Buffer.of(0x00, 0x01, 0x61, 0xff, 0xff, 0xff, 0xff, 0x07)])
      case 7: {
        const entry = literal(0x40, "x", "y".repeat(4000))
        return Buffer.concat([usual, entry, Buffer.alloc(1 + random.below(2000), 0xbe)])
      }
      case 8:
        return Buffer.concat([usual, Buffer.alloc(random.below(400), 0x90)])
      case 9:
        return Buffer.concat([usual, literal(0x00, random.pick(oddNames), random.pick(oddValues))])
      case 10:
        return usual.subarray(0, random.below(usual.length))
      default:
        return Buffer.concat([usual, random.bytes(random.below(30))])
    }
  }

  #split(id: number, block: Uint8Array): Uint8Array[] {
    const random = this.#random
    const pieces: Uint8Array[] = []
    let at = random.below(block.length + 1)
    pieces.push(frame(Type.headers, random.below(2), id, block.subarray(0, at)))
    for (let left = random.below(12); left > 0 && at < block.length; left--) {
      const stop = Math.min(block.length, at + random.below(20))
      pieces.push(frame(Type.continuation, 0, id, block.subarray(at, stop)))
      at = stop
    }
    if (random.oneIn(8)) return pieces
    if (random.oneIn(8)) pieces.push(ping())
    pieces.push(frame(Type.continuation, Flag.endHeaders, id, block.subarray(at)))
    return pieces
  }

  #entries(): number[] {
    const random = this.#random
    const entries: number[] = []
    for (let count = random.oneIn(20) ? 40 : random.below(4); count > 0; count--) {
      const [id, values] = random.pick(settingValues)
      entries.push(id, random.pick(values))
    }
    return entries
  }

  /** The same again and again, as floods are; new streams get new ids. */
  #repeated(frames: readonly Uint8Array[]): Uint8Array[] {
    const random = this.#random
    const size = frames.reduce((sum, one) => sum + one.length, 0)
    const times = Math.min(random.pick([10, 50, 120, 300, 1100]), Math.floor(mostRepeated / size))
    const repeated: Uint8Array[] = []
    for (let i = 0; i < times; i++) {
      for (const one of frames) {
        const copy = Buffer.from(one)
        if (one.length >= 9 && one[3] === Type.headers && this.#role === "server") copy.writeUInt32BE(this.#fresh(), 5)
        else if (one.length >= 9 && one[3] === Type.rstStream && frames.length > 1) copy.writeUInt32BE(this.#last, 5)
        repeated.push(copy)
      }
    }
    return repeated
  }

  /** One bit of the frame's header or payload is another. */
  #bent(one: Uint8Array): Uint8Array {
    const copy = one.slice()
    // Seldom the length: it would make noise of all that follows.
    const from = this.#random.oneIn(6) ? 0 : Math.min(3, copy.length - 1)
    const at = from + this.#random.below((this.#random.oneIn(2) ? Math.min(9, copy.length) : copy.length) - from)
    copy[at]! ^= 1 << this.#random.below(8)
    return copy
  }
}

/** Bytes of a flood: enough for more frames than any limit allows, few enough for many inputs a second. */
const mostRepeated = 16_000

const increments = [1, 1, 100, 65_535, 1 << 20, 0, 2 ** 31 - 1, 2 ** 31 - 65_536]

const settingValues: readonly (readonly [id: number, values: readonly number[]])[] = [
  [1, [0, 100, 4096, 1 << 20]],
  [2, [0, 0, 0, 1, 2]],
  [3, [0, 1, 100, 2 ** 32 - 1]],
  [4, [0, 1, 1000, 65_535, 2 ** 31 - 1, 2 ** 31]],
  [5, [16_384, 20_000, 2 ** 24 - 1, 16_383, 2 ** 24]],
  [6, [0, 1000, 16_384]],
  [8, [0, 1]],
  [0x1a2a, [0, 2 ** 32 - 1]],
]

const oddNames = ["X-Upper", "", "a b", "connection", "te", ":path", ":other", "__proto__", "constructor", "é", "a\0"]
const oddValues = ["", "a\r\nb", "\0", " padded ", "é", "x".repeat(20_000), "gzip"]
