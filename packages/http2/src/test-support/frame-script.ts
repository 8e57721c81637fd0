import assert from "node:assert/strict"
import { test } from "node:test"
import { Connection } from "../connection.js"
import { errorCodeName } from "../frame/error-code.js"
import type { ConnectionOptions, Role } from "../handler.js"
import { FrameTranscript } from "./frame-transcript.js"
import { concat, HeaderSource, preface, settings, settingsAck } from "./frames.js"
import { Recorder } from "./recorder.js"

/** A script of frames in and frames out, run twice: each delivery as one chunk, and a byte at a time. */
export function script(name: string, role: Role, options: ConnectionOptions, body: (peer: ScriptedPeer) => void): void {
  test(`${name} (${role}, whole)`, () => body(new ScriptedPeer(role, options, false)))
  test(`${name} (${role}, a byte at a time)`, () => body(new ScriptedPeer(role, options, true)))
}

/** The other end of a connection under test: says frames, and reads what comes back. */
export class ScriptedPeer {
  readonly connection: Connection<string>
  readonly recorder: Recorder
  readonly source: HeaderSource = new HeaderSource()
  now = 1000

  readonly #role: Role
  readonly #bytewise: boolean
  readonly #transcript = new FrameTranscript()

  constructor(role: Role, options: ConnectionOptions, bytewise: boolean) {
    this.#role = role
    this.#bytewise = bytewise
    this.recorder = new Recorder()
    this.connection = new Connection<string>(role, this.recorder, options)
  }

  /** Says preface and SETTINGS, acknowledges ours, and forgets what came of that. */
  greet(...entries: readonly number[]): this {
    this.say(...(this.#role === "server" ? [preface] : []), settings(...entries), settingsAck)
    this.hear()
    this.recorder.take()
    return this
  }

  say(...frames: readonly Uint8Array[]): void {
    const bytes = concat(frames)
    if (!this.#bytewise) this.connection.receive(bytes, 0, bytes.length, this.now)
    else {
      // Each byte in a chunk of its own, that is overwritten when `receive` has returned it.
      for (const byte of bytes) {
        const chunk = Uint8Array.of(0xee, byte, 0xee)
        this.connection.receive(chunk, 1, 2, this.now)
        chunk.fill(0xee)
      }
    }
  }

  /** The frames that came since the last time, all of them written at once. */
  hear(): string[] {
    const lines = this.#transcript.read(this.connection.takeOutput())
    this.connection.written()
    assert.equal(this.#transcript.unread, 0, "the output ends amid a frame")
    return lines
  }

  /** How the connection has ended by an error, if it has. */
  get errorCode(): string | undefined {
    const { error } = this.recorder
    return error === undefined ? undefined : errorCodeName(error.code)
  }

  /** Says frames, and expects callbacks and answers. */
  expect(frames: readonly Uint8Array[], events: readonly string[], answers: readonly string[]): void {
    this.say(...frames)
    assert.deepEqual({ answers: this.hear(), events: this.recorder.take() }, { answers, events })
  }
}
