import type { Client, Clock } from "farcall"
import type { Parrot, Text } from "../../../packages/farcall/dist/test-support/parrot.js"
import type { FaultBoard } from "../../../packages/farcall/dist/testing/faults/faults.js"
import type { Http2Session } from "../../../packages/farcall/dist/transport/http2-session.js"

/** A client and a server with something between them that can fail. */
export interface Scene {
  readonly client: Client<typeof Parrot>
  readonly faults: FaultBoard
  /** Lets so much of the scene's time pass. */
  pass(ms: number): Promise<void>
  /** What calls have left open, by its name. */
  left(): Record<string, number>
  /** Takes all down, and says what is left then. */
  end(): Promise<Record<string, number>>
}

export interface SceneOptions {
  readonly keepalive: boolean
}

/** Long enough for all that was sent to arrive, whatever carries it. */
export const PAUSE_MS = 40

export const keepaliveOfScenes = { timeMs: 10_000, timeoutMs: 2_000 }

/** Handlers that do one thing at a time, and can be counted. */
export class PacedParrot {
  running = 0
  readonly say: (request: Text) => Promise<Text>
  readonly gather: (requests: AsyncIterable<Text>) => Promise<Text>
  readonly repeat: (request: Text) => AsyncGenerator<Text>
  readonly chat: (requests: AsyncIterable<Text>) => AsyncGenerator<Text>

  constructor(clock: Clock) {
    const pause = (): Promise<void> => new Promise((resolve) => void clock.after(PAUSE_MS, resolve))
    this.say = (request) => this.count(async () => request)
    this.gather = (requests) =>
      this.count(async () => {
        let texts = 0
        for await (const _ of requests) texts++
        return { text: String(texts) }
      })
    this.repeat = (request) => this.countStream(twice(request, pause))
    this.chat = (requests) => this.countStream(echoed(requests, pause))
  }

  private async count(handle: () => Promise<Text>): Promise<Text> {
    this.running++
    try {
      return await handle()
    } finally {
      this.running--
    }
  }

  private async *countStream(texts: AsyncGenerator<Text>): AsyncGenerator<Text> {
    this.running++
    try {
      yield* texts
    } finally {
      this.running--
    }
  }
}

export function streamsOpen(sessions: readonly Http2Session[]): number {
  return sessions.reduce((sum, { connection }) => sum + connection.openStreams, 0)
}

async function* twice(request: Text, pause: () => Promise<void>): AsyncGenerator<Text> {
  for (let i = 0; i < 2; i++) {
    yield request
    await pause()
  }
}

async function* echoed(requests: AsyncIterable<Text>, pause: () => Promise<void>): AsyncGenerator<Text> {
  for await (const request of requests) {
    yield request
    await pause()
  }
}
