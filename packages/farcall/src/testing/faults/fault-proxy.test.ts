import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { ConnectingChannel } from "../../client/balanced-channel.js"
import { createChannel } from "../../client/channel.js"
import type { ChannelOptions } from "../../client/channel-options.js"
import { type Client, createClient } from "../../client/client.js"
import { createServer } from "../../server/server.js"
import { failureOf, until } from "../../test-support/outcome.js"
import { Parrot } from "../../test-support/parrot.js"
import { tls } from "../../transport/tls-credentials.js"
import { selfSigned } from "../self-signed.js"
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from "./fault-proxy.js"

const identity = selfSigned()

/** A server, a proxy before it, and a client of the proxy. */
interface Scene extends AsyncDisposable {
  readonly proxy: FaultProxy
  readonly client: Client<typeof Parrot>
  readonly channel: ConnectingChannel
}

async function scene(
  options: Omit<FaultProxyOptions, "target"> = {},
  secured = false,
  channelOptions: ChannelOptions = {},
): Promise<Scene> {
  const server = createServer().add(Parrot, { say: ({ text }) => ({ text: `${text}!` }) })
  const address = await server.listen("127.0.0.1:0", secured ? { credentials: tls(identity) } : {})
  const proxy = await startFaultProxy({ target: address.toString(), ...options })
  const credentials = secured ? tls({ ca: identity.cert }) : undefined
  const channel = createChannel(proxy.address, { credentials, ...channelOptions })
  return {
    proxy,
    client: createClient(Parrot, channel),
    channel,
    async [Symbol.asyncDispose]() {
      await channel.close()
      await proxy.close()
      await server.shutdown({ graceMs: 0 })
      assert.equal(proxy.openSockets, 0)
    },
  }
}

describe("a fault proxy", () => {
  it("passes on what no rule is about, and has rules about calls come and go", async () => {
    await using it = await scene({ services: [Parrot] })
    assert.deepEqual(await it.client.say({ text: "a" }), { text: "a!" })
    assert.equal(it.proxy.openSockets, 2)
    const rule = it.proxy.faults.add({ fault: "reset", code: "INTERNAL_ERROR", method: Parrot.methods.say, nth: 2 })
    const codes: string[] = []
    for (let i = 0; i < 3; i++) {
      codes.push(
        await it.client.say({ text: "b" }).then(
          () => "OK",
          (error: { code: string }) => error.code,
        ),
      )
    }
    assert.deepEqual([codes, rule.matched], [["OK", "INTERNAL", "OK"], 1])
  })

  it("refuses rules about methods that are not served, where it is told the services", async () => {
    await using it = await scene({ services: [Parrot] })
    assert.throws(() => it.proxy.faults.add({ fault: "cut", method: "Whisper" }), /there is no method Whisper/)
    await using other = await scene()
    other.proxy.faults.add({ fault: "cut", method: "Whisper" })
    assert.throws(() => other.proxy.faults.mustHaveMatched(), /there were no calls that it is about$/)
    await assert.rejects(
      startFaultProxy({ target: "127.0.0.1:1", rules: [{ fault: "cut", nth: -1 }] }),
      /^TypeError: the fault rule \{"fault":"cut","nth":-1\} can match nothing: nth must be/,
    )
  })

  it("passes TLS as it is, with rules about connections and bytes", async () => {
    await using it = await scene({ tls: "passed", rules: [{ fault: "split", bytes: 100 }] }, true)
    assert.deepEqual(await it.client.say({ text: "a" }), { text: "a!" })
    it.proxy.faults.mustHaveMatched()
    assert.throws(() => it.proxy.faults.add({ fault: "cut", method: "Say" }), /is about calls, and nothing can be seen/)
    it.proxy.faults.strike({ fault: "cut" })
    await until(() => it.channel.state !== "READY", "the end of the connection")
    assert.equal(it.proxy.openSockets, 0)
    assert.deepEqual(await it.client.say({ text: "b" }, { waitForReady: true }), { text: "b!" })
    const cut = it.proxy.faults.add({ fault: "cut", after: { responses: 300 }, nth: 1 })
    it.proxy.faults.strike({ fault: "cut" })
    await until(() => it.channel.state !== "READY", "the end of the connection")
    assert.equal((await failureOf(it.client.say({ text: "c" }))).code, "UNAVAILABLE")
    assert.equal(cut.matched, 1)
  })

  it("ends TLS on both sides where it has a certificate, with rules about calls", async () => {
    const rules = [{ fault: "reset", code: "CANCEL", method: "say", nth: 1 }] as const
    await using it = await scene({ tls: identity, rules, services: [Parrot] }, true)
    assert.equal((await failureOf(it.client.say({ text: "a" }))).code, "CANCELLED")
    assert.deepEqual(await it.client.say({ text: "b" }), { text: "b!" })
  })

  it("refuses connections, one by one", async () => {
    await using it = await scene({ rules: [{ fault: "refuse", nth: [1, 2] }] }, false, {
      backoff: { initialMs: 1, maxMs: 2 },
    })
    assert.equal((await failureOf(it.client.say({ text: "a" }))).code, "UNAVAILABLE")
    assert.deepEqual(await it.client.say({ text: "b" }, { waitForReady: true }), { text: "b!" })
    assert.equal(it.proxy.faults.rules[0]!.matched, 2)
  })

  it("closes to its clients where nobody listens behind it", async () => {
    await using proxy = await startFaultProxy({ target: "127.0.0.1:1" })
    await using channel = createChannel(proxy.address)
    assert.equal((await failureOf(createClient(Parrot, channel).say({ text: "" }))).code, "UNAVAILABLE")
    await until(() => proxy.openSockets === 0, "the end of all sockets")
  })

  it("says what is wrong with an address", async () => {
    await assert.rejects(
      startFaultProxy({ target: "nowhere" }),
      /^TypeError: startFaultProxy: "nowhere" is neither host:port nor unix:path$/,
    )
    await using taken = await startFaultProxy({ target: "127.0.0.1:1" })
    await assert.rejects(startFaultProxy({ target: "127.0.0.1:1", listen: taken.address }), /EADDRINUSE/)
  })

  it("closes with calls on it, and only once", async () => {
    await using it = await scene()
    await it.client.say({ text: "a" })
    await Promise.all([it.proxy.close(), it.proxy.close()])
    assert.equal((await failureOf(it.client.say({ text: "b" }))).code, "UNAVAILABLE")
  })
})
