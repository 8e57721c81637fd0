import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { inspect } from "node:util"
import { createClient } from "../client/client.js"
import { createServer } from "../server/server.js"
import { Parrot } from "../test-support/parrot.js"
import { selfSigned } from "../testing/self-signed.js"
import { createTestPair } from "../testing/test-pair.js"
import { tls } from "../transport/tls-credentials.js"
import { Metadata } from "./metadata.js"
import { StatusError } from "./status-error.js"

describe("console.log", () => {
  it("shows a channel by its target and state", async () => {
    await using pair = await createTestPair(Parrot, { say: (request) => request }, { transport: "memory" })
    assert.match(inspect(pair.channel), /^Channel { target: 'in-memory:\S+', state: 'IDLE' }$/)
    await pair.client.say({ text: "a" })
    assert.match(inspect(pair.channel), /^Channel { target: 'in-memory:\S+', state: 'READY' }$/)
    assert.match(inspect({ at: { two: pair.channel } }), /two: Channel { target: '/)
    assert.match(inspect({ at: { depth: { three: pair.channel } } }), /three: \[Channel\]/)
    await pair.channel.close()
    assert.match(inspect(pair.channel), /state: 'SHUTDOWN'/)
  })

  it("shows a server by its services and addresses", async () => {
    const server = createServer().add(Parrot, {})
    assert.equal(inspect(server), "Server { services: [ 'test.Parrot' ], addresses: [], connections: 0 }")
    const address = await server.listen("127.0.0.1:0")
    assert.match(inspect(server), new RegExp(`addresses: \\[ '${address}' \\]`))
    await server.shutdown()
    assert.match(inspect(server), /shutDown: true/)
  })

  it("shows a client by its service and methods", async () => {
    await using pair = await createTestPair(Parrot, {})
    assert.match(inspect(pair.client), /^Client {\s+service: 'test.Parrot',\s+methods: \[ 'say', .*\]\s+}$/s)
    assert.deepEqual(Object.keys(pair.client), Object.keys(createClient(Parrot, pair.channel)))
  })

  it("shows calls, their contexts and requests by what one may ask of them", async () => {
    const shown: string[] = []
    await using pair = await createTestPair(
      Parrot,
      {
        async *chat(requests, context) {
          shown.push(inspect(requests), inspect(context))
          yield* requests
        },
      },
      {
        server: {
          interceptors: [
            (next) => (call) => {
              shown.push(inspect(call))
              return next(call)
            },
          ],
        },
      },
    )
    const call = pair.client.chat({ metadata: { token: "top-secret", "x-id": "1" } })
    assert.match(inspect(call), /^Call {\s+method: '\/test.Parrot\/Chat',\s+kind: 'bidiStreaming',.*over: false\s+}$/s)
    call.end()
    for await (const _ of call);
    const [around, requests, context] = shown
    assert.match(around!, /^Call {\s+method: '\/test.Parrot\/Chat',.*'x-id': '1'/s)
    assert.match(requests!, /^Messages { waiting: 0, ended: (true|false) }$/)
    assert.match(context!, /^ServerContext {\s+method: '\/test.Parrot\/Chat',.*cancelled: false\s+}$/s)
    assert.doesNotMatch(shown.join(), /top-secret/)
  })

  it("shows no private key", () => {
    const { cert, key } = selfSigned()
    const text = inspect({ credentials: tls({ cert, key }) }, { depth: 9 })
    assert.match(text, /credentials: TlsCredentials { options: \[ 'cert', 'key' \] }/)
    assert.doesNotMatch(text, /PRIVATE/)
  })

  it("shows an error by its code, its message, and what else it says", () => {
    const plain = new StatusError("NOT_FOUND", "no such thing")
    assert.match(inspect(plain), /^StatusError: NOT_FOUND: no such thing\n {4}at .*shown-as.*\n( {4}at .*(\n|$))*$/)
    assert.doesNotMatch(inspect(plain), /undefined|details|trailers|codeNumber/)
    const full = new StatusError("UNAVAILABLE", "gone", {
      cause: new Error("the cause"),
      reason: "FARCALL_CONNECTION_LOST",
      trailers: new Metadata({ "x-id": "1" }),
      details: [{ typeUrl: "type.googleapis.com/test.Detail", value: new Uint8Array(1) }],
    })
    full.attempts = 3
    const text = inspect(Object.assign(full, { own: "mine" }))
    for (const part of ["the cause", "CONNECTION_LOST", "'x-id': '1'", "test.Detail", "attempts: 3", "own: 'mine'"]) {
      assert.ok(text.includes(part), `${part} is not in ${text}`)
    }
    assert.match(inspect(StatusError.fromWire(99, "odd")), /codeNumber: 99/)
    assert.equal(inspect({ a: { b: plain } }, { depth: 0 }), "{ a: [Object] }")
    plain.stack = ""
    assert.equal(inspect([plain]), "[ StatusError: NOT_FOUND: no such thing ]")
  })
})
