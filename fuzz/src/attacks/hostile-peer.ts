import { framesIn, preface, settings, settingsAck, Type } from "../wire/frame.js"
import { HpackReader } from "../wire/hpack-reader.js"
import type { Attack } from "./attack.js"

/** What a hostile client has been told. Feed it everything that the server sends. */
export class HostileEar {
  /** Streams that were reset, by the code. */
  readonly resets: Map<number, number> = new Map()
  /** Of each stream that was answered, the last of `grpc-status` and `:status`. */
  readonly statuses: Map<number, { grpc?: string; http?: string }> = new Map()
  readonly ended: Set<number> = new Set()
  pongs = 0
  goAwayCode: number | undefined = undefined
  goAwayText = ""
  readonly #hpack: HpackReader | undefined
  #rest: Uint8Array = new Uint8Array(0)

  /** @param statuses whether header blocks are read: one who is in a hurry does not */
  constructor(statuses = true) {
    this.#hpack = statuses ? new HpackReader() : undefined
  }

  hear(chunk: Uint8Array): void {
    const bytes = Buffer.concat([this.#rest, chunk])
    const frames = framesIn(bytes)
    for (const { start, stop } of frames) this.#frame(bytes.subarray(start, stop))
    this.#rest = new Uint8Array(bytes.subarray(frames.at(-1)?.stop ?? 0))
  }

  #frame(bytes: Buffer): void {
    const streamId = bytes.readUInt32BE(5)
    const end = (bytes[4]! & 1) !== 0
    switch (bytes[3]) {
      case Type.headers: {
        if (this.#hpack === undefined) break
        const status = this.statuses.get(streamId) ?? {}
        for (const [name, value] of this.#hpack.read(bytes.subarray(9))) {
          if (name === "grpc-status") status.grpc = value
          if (name === ":status") status.http = value
        }
        this.statuses.set(streamId, status)
        if (end) this.ended.add(streamId)
        break
      }
      case Type.data:
        if (end) this.ended.add(streamId)
        break
      case Type.rstStream:
        this.resets.set(streamId, bytes.readUInt32BE(9))
        break
      case Type.ping:
        if (end) this.pongs++
        break
      case Type.goAway:
        this.goAwayCode = bytes.readUInt32BE(13)
        this.goAwayText = bytes.subarray(17).toString()
        break
    }
  }
}

/** What the attacker says first. */
export function greetingOf(attack: Attack): Uint8Array {
  if (attack.withoutGreeting) return new Uint8Array(0)
  return Buffer.concat([preface, settings(), settingsAck, attack.opening ?? new Uint8Array(0)])
}
