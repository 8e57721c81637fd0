import assert from "node:assert/strict"
import { createServer as createNetServer, type Socket } from "node:net"
import { describe, it } from "node:test"
import { createChannel, createClient, createServer, StatusError } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { data, Flag, frame, goAway, headers, ping, settings, settingsAck, Type, windowUpdate } from "../wire/frame.js"
import { headerBlock, indexed, literal } from "../wire/header-block.js"

const response = headerBlock([":status", "200"], ["content-type", "application/grpc"])

/** What a server says again and again on the first call's stream; and how the call ends. */
const floods: Record<string, { readonly say: readonly Uint8Array[]; readonly ends: RegExp }> = {
  "floods it with PING": { say: [ping()], ends: /UNAVAILABLE.*answers to control frames wait unread/ },
  "floods it with SETTINGS": { say: [settings(3, 100)], ends: /UNAVAILABLE.*answers to control frames/ },
  "sends empty DATA": { say: [headers(1, response), data(1, [])], ends: /UNAVAILABLE.*empty DATA frames in a row/ },
  "sends frames that mean nothing": { say: [frame(0xfe, 0, 0, [])], ends: /UNAVAILABLE.*frames that mean nothing/ },
  "opens windows by one": { say: [windowUpdate(0, 1)], ends: /UNAVAILABLE.*too many WINDOW_UPDATE/ },
  "sends PRIORITY": { say: [frame(Type.priority, 0, 1, [0, 0, 0, 3, 1])], ends: /UNAVAILABLE.*too many PRIORITY/ },
  "never ends a header block": {
    say: [frame(Type.headers, 0, 1, response), frame(Type.continuation, 0, 1, [])],
    ends: /UNAVAILABLE.*more than 8 CONTINUATION/,
  },
  "sends a bomb of headers": {
    say: [
      headers(
        1,
        Buffer.concat([response, literal(0x40, "b", "x".repeat(4000)), Buffer.alloc(12_000, indexed(62)[0]!)]),
      ),
    ],
    ends: /UNAVAILABLE.*header list of \d+ bytes/,
  },
  "sends headers that are too many": {
    say: [headers(1, Buffer.concat([response, Buffer.alloc(130, 0x90)]))],
    ends: /RESOURCE_EXHAUSTED.*headers are larger/,
  },
  "sends a message that is too long": {
    say: [headers(1, response), data(1, [0, 255, 255, 255, 255])],
    ends: /RESOURCE_EXHAUSTED.*4294967295 bytes, the limit is 4194304/,
  },
  "goes away again and again": { say: [goAway(0, 0)], ends: /UNAVAILABLE/ },
  pushes: {
    say: [frame(Type.pushPromise, Flag.endHeaders, 1, [0, 0, 0, 2, ...response])],
    ends: /UNAVAILABLE.*PUSH_PROMISE/,
  },
  "puts a line's end into a field": {
    say: [headers(1, Buffer.concat([response, headerBlock(["x", "a\nb"])]))],
    ends: /INTERNAL/,
  },
}

describe("a client whose server", () => {
  for (const [what, { say, ends }] of Object.entries(floods)) {
    it(`${what} ends the call, and its calls elsewhere go on`, async () => {
      await using honest = createServer().add(Parrot, { say: (request) => request })
      const { port } = await honest.listen("127.0.0.1:0")
      await using neighbour = createChannel(`127.0.0.1:${port}`)
      const elsewhere = createClient(Parrot, neighbour)
      const bad = await BadServer.start(say)
      const channel = createChannel(`127.0.0.1:${bad.port}`)
      const call = createClient(Parrot, channel).say({ text: "a" }, { timeoutMs: 20_000 })
      const ended = call.then(
        () => assert.fail("the call went well"),
        (error: unknown) => {
          assert.ok(error instanceof StatusError, String(error))
          assert.match(`${error.code} ${error.message}`, ends)
        },
      )
      for (let i = 0; i < 20; i++) assert.deepEqual(await elsewhere.say({ text: `${i}` }), { text: `${i}` })
      await ended
      assert.deepEqual(await elsewhere.say({ text: "z" }), { text: "z" })
      await channel.close()
      await bad.stop()
    })
  }
})

/** Says the first frame once, the last one for as long as it is listened to; reads nothing after the first call. */
class BadServer {
  readonly #server = createNetServer((socket) => this.#serve(socket))
  readonly #say: readonly Uint8Array[]
  readonly #sockets = new Set<Socket>()

  static async start(say: readonly Uint8Array[]): Promise<BadServer> {
    const server = new BadServer(say)
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve))
    return server
  }

  private constructor(say: readonly Uint8Array[]) {
    this.#say = say
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on("error", () => {})
    socket.write(Buffer.concat([settings(), settingsAck]))
    let heard = 0
    socket.on("data", (chunk) => {
      heard += chunk.length
      // Preface, SETTINGS and WINDOW_UPDATE come first; a call is what makes it more.
      if (heard < 150) return
      socket.removeAllListeners("data")
      socket.pause()
      const [first, ...rest] = this.#say
      socket.write(first!)
      const again = Buffer.concat(Array.from({ length: 2000 }, () => rest.at(-1) ?? first!))
      const flood = (): void => {
        if (socket.destroyed) return
        if (socket.write(again)) setImmediate(flood)
        else socket.once("drain", flood)
      }
      flood()
    })
  }
}
