import assert from "node:assert/strict"
import { createServer as createHttp2Server } from "node:http2"
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net"
import { after, describe, it } from "node:test"
import { connect as connectTls, createServer as createTlsServer } from "node:tls"
import * as fc from "fast-check"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import type { StatusError } from "../core/status-error.js"
import { createServer } from "../server/server.js"
import { authority, identity } from "../test-support/certificates.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { tlsServer } from "../test-support/tls-server.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { type ChannelCredentials, insecure } from "./credentials.js"
import { tls } from "./tls-credentials.js"
import { materialOf, readFilesNow } from "./tls-material.js"

const closing: (() => void)[] = []
after(() => {
  for (const close of closing) close()
})

/** Where some other server listens, until the tests are over. */
async function portOf(server: Server): Promise<number> {
  const sockets: Socket[] = []
  server.on("connection", (socket) => sockets.push(socket.on("error", () => {})))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** How a call ends on a channel with these credentials. */
async function failure(port: number, credentials: ChannelCredentials): Promise<StatusError> {
  await using channel = createChannel(`127.0.0.1:${port}`, { credentials })
  const error = await failureOf(createClient(Parrot, channel).say({ text: "" }))
  assert.equal(error.code, "UNAVAILABLE")
  assert.ok(error.message.includes(`127.0.0.1:${port}`), error.message)
  assert.ok(error.cause instanceof Error)
  return error
}

const believing = (): ChannelCredentials => tls({ ca: authority })

describe("a call over TLS fails UNAVAILABLE, and says why:", () => {
  it("the authority is not known", async () => {
    await using served = await tlsServer()
    const { message } = await failure(served.port, tls())
    assert.match(message, /authority that this client does not know.*tls\(\{ ca \}\).*UNABLE_TO_VERIFY_LEAF_SIGNATURE/)
  })

  it("the certificate has expired", async () => {
    await using served = await tlsServer(identity("expired"))
    assert.match((await failure(served.port, believing())).message, /certificate has expired.*CERT_HAS_EXPIRED/)
  })

  it("the certificate is for others, and for whom", async () => {
    await using served = await tlsServer(identity("elsewhere"))
    const { message } = await failure(served.port, believing())
    assert.match(
      message,
      /not for "127\.0\.0\.1": it is for DNS:elsewhere\.example, DNS:www\.elsewhere\.example; .*tls\(\{ serverName \}\)/,
    )
  })

  it("the certificate is no server's", async () => {
    await using served = await tlsServer(identity("client"))
    assert.match((await failure(served.port, believing())).message, /certificate is not for servers/)
  })

  it("the server takes plaintext (ours)", async () => {
    await using server = createServer().add(Parrot, { say: (request) => request })
    const { port } = await server.listen("127.0.0.1:0")
    assert.match((await failure(port!, believing())).message, /something that is not TLS.*insecure\(\)/)
  })

  it("the server takes plaintext (another's, which speaks first)", async () => {
    const port = await portOf(createHttp2Server() as unknown as Server)
    assert.match((await failure(port, believing())).message, /something that is not TLS.*insecure\(\)/)
  })

  it("the server closes without a word", async () => {
    const port = await portOf(createTcpServer((socket) => socket.once("data", () => socket.destroy())))
    assert.match((await failure(port, believing())).message, /closed the connection in the TLS handshake.*insecure\(\)/)
  })

  it("the server does not agree to HTTP/2", async () => {
    const { cert, key } = pemOf("server")
    const refusing = await portOf(createTlsServer({ cert, key, ALPNProtocols: ["http/1.1"] }))
    assert.match((await failure(refusing, believing())).message, /refused to speak HTTP\/2 \(ALPN "h2"\)/)
    const silent = await portOf(createTlsServer({ cert, key }))
    assert.match((await failure(silent, believing())).message, /did not agree to HTTP\/2 \(ALPN "h2"\)/)
  })

  it("another's server wants a certificate", async () => {
    const { cert, key } = pemOf("server")
    const tlsServer = createTlsServer({ cert, key, ALPNProtocols: ["h2"], requestCert: true, rejectUnauthorized: true })
    const { message } = await failure(await portOf(tlsServer), believing())
    assert.match(message, /said nothing over TLS.* tls\(\{ cert, key \}\)/)
  })

  it("the versions have nothing in common", async () => {
    await using served = await tlsServer({ ...identity("server"), minVersion: "TLSv1.3" })
    const credentials = tls({ ca: authority, secureContext: { maxVersion: "TLSv1.2" } })
    assert.match((await failure(served.port, credentials)).message, /no version and cipher suite of TLS in common/)
  })

  it("the file of roots that the environment names is not there", async () => {
    await using served = await tlsServer()
    process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = "/no/such/roots.pem"
    try {
      assert.match(
        (await failure(served.port, tls())).message,
        /tls: cannot read ca \(\/no\/such\/roots\.pem\): ENOENT/,
      )
      process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = authority
      await using channel = createChannel(`127.0.0.1:${served.port}`, { credentials: tls() })
      assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
    } finally {
      delete process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"]
    }
  })
})

describe("a call in plaintext to a server that takes TLS", () => {
  it("is told so (ours)", async () => {
    await using served = await tlsServer()
    const { message } = await failure(served.port, insecure())
    assert.match(message, /the server turned the connection away: this address takes TLS only/)
    assert.match(served.refused[0]!, /it speaks plaintext, and this address takes TLS/)
  })

  it("is told so (another's, which answers with an alert)", async () => {
    const port = await portOf(createTcpServer((socket) => void socket.end(Buffer.from("15030100020246", "hex"))))
    assert.match((await failure(port, insecure())).message, /alert of TLS.*tls\(\)/)
  })

  it("is told that what answers speaks HTTP/1", async () => {
    const port = await portOf(createTcpServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))
    assert.match((await failure(port, insecure())).message, /answered in HTTP\/1: what listens there is no gRPC server/)
  })

  it("is told that it may be (another's, which closes)", async () => {
    const port = await portOf(createTcpServer((socket) => socket.once("data", () => socket.destroy())))
    assert.match((await failure(port, insecure())).message, /said nothing to plaintext.*tls\(\)/)
  })

  it("waits before it tries again", async () => {
    await using served = await tlsServer()
    const options = { credentials: insecure(), clock: virtualClock() }
    await using channel = createChannel(`127.0.0.1:${served.port}`, options)
    const client = createClient(Parrot, channel)
    await Promise.all(Array.from({ length: 20 }, () => failureOf(client.say({ text: "" }))))
    await Promise.all(Array.from({ length: 20 }, () => failureOf(client.say({ text: "" }))))
    assert.equal(served.refused.length, 1)
  })
})

describe("a TLS server", () => {
  it("tells a client of HTTP/1.1 in plaintext that TLS is wanted", async () => {
    await using served = await tlsServer()
    const answer = await new Promise<string>((resolve) => {
      let text = ""
      const socket = connect(served.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
      socket.setEncoding("utf8").on("data", (part) => (text += part))
      socket.on("close", () => resolve(text))
    })
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*over TLS only/)
  })

  it("is undisturbed by whatever else comes first", async () => {
    await using served = await tlsServer({ ...identity("server"), certificates: [identity("second")] })
    const client = served.client()
    await client.say({ text: "" })
    const hello = Buffer.from("16030100310100002d0303", "hex")
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, asHello) => {
        const socket = connect(served.port, "127.0.0.1").on("error", () => {})
        const ended = new Promise((resolve) => socket.on("close", resolve))
        socket.end(asHello ? Buffer.concat([hello, bytes]) : bytes)
        socket.resume()
        await ended
      }),
      { numRuns: 60 },
    )
    assert.deepEqual(await client.say({ text: "a" }), { text: "a" })
  })

  it("turns away who agrees on no protocol, and who offers others only", async () => {
    await using served = await tlsServer()
    assert.match(await saidTo(served.port, {}), /must agree on HTTP\/2/)
    assert.match(await saidTo(served.port, { ALPNProtocols: ["http/1.1"] }), /no application protocol/i)
    assert.equal(served.refused.length, 2)
    assert.match(served.refused[0]!, /was refused: the TLS handshake must agree on HTTP\/2 \(ALPN "h2"\), and did not/)
    assert.match(served.refused[1]!, /no TLS with .*offered protocols of which none is HTTP\/2/)
  })

  it("speaks no version before 1.2, and of 1.2 no suite that HTTP/2 forbids", async () => {
    await using served = await tlsServer()
    const old = {
      ALPNProtocols: ["h2"],
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "ALL@SECLEVEL=0",
    } as const
    assert.match(await saidTo(served.port, old), /protocol version|unsupported protocol/i)
    const forbidden = { ALPNProtocols: ["h2"], maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA256" } as const
    assert.match(await saidTo(served.port, forbidden), /handshake failure/i)
    const allowed = { ALPNProtocols: ["h2"], maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" } as const
    assert.doesNotMatch(await saidTo(served.port, allowed, true), /error/)
  })

  it("gives a handshake ten seconds, and its neighbours go on", async () => {
    const clock = virtualClock()
    await using served = await tlsServer(identity("server"), undefined, { clock })
    const client = served.client()
    assert.deepEqual(await client.say({ text: "a" }), { text: "a" })
    const silent = connect(served.port, "127.0.0.1")
    const slow = connect(served.port, "127.0.0.1", () => slow.write(Buffer.from("1603010200010001fc0303", "hex")))
    const ends = Promise.all([silent, slow].map((socket) => new Promise((resolve) => socket.on("close", resolve))))
    silent.on("error", () => {})
    slow.on("error", () => {})
    // Both are there when a later one has been served.
    assert.deepEqual(await served.client().say({ text: "b" }), { text: "b" })
    await clock.advance(9_999)
    assert.deepEqual(served.refused, [])
    await clock.advance(1)
    await ends
    assert.equal(served.refused.length, 2)
    for (const text of served.refused) assert.match(text, /^no TLS with .*: there was none within 10000 ms$/)
    assert.deepEqual(await client.say({ text: "c" }), { text: "c" })
  })

  it("lets go of handshakes that have not ended when it shuts down", async () => {
    await using served = await tlsServer()
    const silent = connect(served.port, "127.0.0.1")
    const ended = new Promise((resolve) => silent.on("error", () => {}).on("close", resolve))
    await served.client().say({ text: "" })
    await served.server.shutdown({ graceMs: 0 })
    await ended
  })
})

/** What a client of node's own hears: the reason in a GOAWAY, or the error that ends it. */
function saidTo(port: number, options: object, enough = false): Promise<string> {
  return new Promise((resolve) => {
    let text = ""
    const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options }, () => {
      if (enough) socket.destroy()
    })
    socket.setEncoding("latin1").on("data", (part: string) => (text += part))
    socket.on("error", (error) => (text += `error: ${error.message}`))
    socket.on("close", () => resolve(text))
  })
}

function pemOf(name: "server"): { cert: Buffer | string; key: Buffer | string } {
  const options = identity(name)
  return materialOf(options, readFilesNow(options)).identities[0]!
}
