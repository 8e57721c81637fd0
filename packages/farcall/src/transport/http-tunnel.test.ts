import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createChannel } from "../client/channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { createClient } from "../client/client.js"
import { createServer, type Server } from "../server/server.js"
import { authority, identity } from "../test-support/certificates.js"
import { type ConnectProxy, startConnectProxy } from "../test-support/connect-proxy.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { insecure } from "./credentials.js"
import { tls } from "./tls-credentials.js"

const long = "x".repeat(300_000)

async function scene(secured: boolean): Promise<{ server: Server; proxy: ConnectProxy; port: number }> {
  const server = createServer().add(Parrot, {
    say: ({ text }) => ({ text }),
    *repeat({ text }) {
      for (let i = 0; i < 5; i++) yield { text }
    },
  })
  const { port } = await server.listen("127.0.0.1:0", secured ? { credentials: tls(identity("server")) } : {})
  return { server, proxy: await startConnectProxy(), port: port! }
}

for (const secured of [false, true]) {
  describe(`calls through a proxy, ${secured ? "TLS" : "plaintext"}`, () => {
    it("arrive, whatever their length; the proxy is given the name", async () => {
      const { server, proxy, port } = await scene(secured)
      // No system knows this name: the proxy looks it up.
      const options: ChannelOptions = secured
        ? { credentials: tls({ ca: authority, serverName: "localhost" }) }
        : { credentials: insecure() }
      await using channel = createChannel(`greeter.invalid:${port}`, {
        ...options,
        proxy: proxy.url.replace("//", "//me:pw@"),
      })
      const client = createClient(Parrot, channel)
      assert.deepEqual(await client.say({ text: long }), { text: long })
      assert.deepEqual(await textsOf(client.repeat({ text: long })), Array(5).fill(long))
      assert.equal(proxy.requests.length, 1)
      assert.equal(
        proxy.requests[0],
        `CONNECT greeter.invalid:${port} HTTP/1.1\r\nhost: greeter.invalid:${port}\r\nproxy-authorization: Basic bWU6cHc=\r\n\r\n`,
      )
      await channel.close()
      await server.shutdown({ graceMs: 0 })
      proxy.close()
    })
  })
}

const refusals: readonly (readonly [answer: string, text: RegExp])[] = [
  [
    "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    /proxy 127\.0\.0\.1:\d+ refused CONNECT greeter\.invalid:443: "HTTP\/1\.1 407 Proxy Authentication Required"/,
  ],
  ["SSH-2.0-x\r\n\r\n", /refused CONNECT greeter\.invalid:443: "SSH-2\.0-x"/],
  ["", /closed the connection before it had answered CONNECT greeter\.invalid:443/],
  [
    `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(5_000)}`,
    /answered CONNECT greeter\.invalid:443 with headers without an end/,
  ],
]

describe("a proxy that does not connect ends calls UNAVAILABLE, and is named", () => {
  for (const [answer, text] of refusals) {
    it(JSON.stringify(answer.slice(0, 30)), async () => {
      const proxy = await startConnectProxy(answer)
      await using channel = createChannel("greeter.invalid", { credentials: insecure(), proxy: proxy.url })
      const error = await failureOf(createClient(Parrot, channel).say({ text: "" }))
      assert.equal(error.code, "UNAVAILABLE")
      assert.match(error.message, text)
      await channel.close()
      proxy.close()
    })
  }

  it("that is not there", async () => {
    const proxy = await startConnectProxy()
    proxy.close()
    await using channel = createChannel("greeter.invalid", { credentials: insecure(), proxy: proxy.url })
    const error = await failureOf(createClient(Parrot, channel).say({ text: "" }))
    assert.match(error.message, /proxy 127\.0\.0\.1:\d+: connect ECONNREFUSED/)
  })

  it("that says nothing: the attempt has its time", async () => {
    const proxy = await startConnectProxy("HTTP/1.1 200", false)
    await using channel = createChannel("greeter.invalid", {
      credentials: insecure(),
      proxy: proxy.url,
      connectTimeoutMs: 200,
    })
    const error = await failureOf(createClient(Parrot, channel).say({ text: "" }))
    assert.match(error.message, /no connection within 200 ms/)
    proxy.close()
  })
})
