import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { connect, createServer as createNetServer, Server as NetServer } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it, type TestContext } from "node:test"
import { fileURLToPath } from "node:url"
import { createChannel } from "../client/channel.js"
import { createClient } from "../client/client.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { type ChannelCredentials, insecure } from "../transport/credentials.js"
import { createServer, type Server, type ServerOptions } from "./server.js"

function served(options: ServerOptions = {}): Server {
  return createServer(options).add(Parrot, { say: (request: Text): Text => request })
}

/** What a server sends to these bytes, until it closes. */
function answerTo(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ""
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes))
    socket.setEncoding("latin1").on("data", (text) => {
      answer += text
    })
    socket.on("error", () => {})
    socket.on("close", () => resolve(answer))
  })
}

describe("listening", () => {
  it("on what is no address says what may have been meant", async () => {
    await using server = served()
    const texts: readonly (readonly [unknown, RegExp])[] = [
      [":50051", /^listen: ":50051" is no address; .*; did you mean "\[::\]:50051", every address of this machine\?$/],
      [50051, /^listen: 50051 is no address; .*; did you mean "localhost:50051"\?$/],
      [undefined, /^listen: undefined is no address; .*unix-abstract:name$/],
    ]
    for (const [address, message] of texts) {
      await assert.rejects(server.listen(address as string), { name: "TypeError", message })
    }
  })

  it("on a port that is taken says who has it", async () => {
    await using server = served()
    const { port } = await server.listen("127.0.0.1:0")
    await using second = served()
    await assert.rejects(second.listen(`127.0.0.1:${port}`), (error: Error) => {
      assert.equal(
        error.message,
        `cannot listen on 127.0.0.1:${port}: another program listens there already (EADDRINUSE)`,
      )
      assert.equal((error.cause as { code: string }).code, "EADDRINUSE")
      assert.equal((error as { code?: string }).code, "EADDRINUSE")
      return true
    })
  })

  it("on a name of which one address is taken binds none of them", async () => {
    const taken = createNetServer()
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
    const { port } = taken.address() as { port: number }
    await using server = served()
    await assert.rejects(server.listen(`localhost:${port}`), /EADDRINUSE/)
    await new Promise((resolve) => taken.close(resolve))
    assert.equal((await server.listen(`localhost:${port}`)).port, port)
  })

  for (const address of [
    "",
    "localhost",
    ":50051",
    "localhost:",
    "localhost:x",
    "localhost:65536",
    "::1:5",
    "http://localhost:5",
  ]) {
    it(`on ${JSON.stringify(address)} is a mistake of the caller's`, async () => {
      await using server = served()
      await assert.rejects(server.listen(address), TypeError)
    })
  }

  it("on a name that is none says so", async () => {
    await using server = served()
    await assert.rejects(
      server.listen("no-such-host.invalid:0", { credentials: insecure() }),
      /^Error: cannot listen on no-such-host.invalid:0: .*(ENOTFOUND|EAI_AGAIN)/,
    )
  })

  it("on an address of another machine says so", async () => {
    await using server = served()
    await assert.rejects(server.listen("192.0.2.1:0", { credentials: insecure() }), /does not have that address/)
  })

  for (const address of ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0"]) {
    it(`off loopback (${address}) wants plaintext to be said`, async () => {
      await using server = served()
      await assert.rejects(server.listen(address), (error: Error) => {
        assert.ok(error instanceof TypeError)
        assert.ok(error.message.includes("insecure()") && error.message.includes(address))
        return true
      })
    })
  }

  it("off loopback goes when it was said", async () => {
    await using server = served()
    const address = await server.listen("0.0.0.0:0", { credentials: insecure() })
    await using channel = createChannel(`127.0.0.1:${address.port}`)
    assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
  })

  it("on a name of the abstract namespace", {
    skip: process.platform !== "linux" && "Linux alone has it",
  }, async () => {
    const target = `unix-abstract:farcall-${process.pid}-${Math.random()}`
    await using server = served()
    assert.equal(`${await server.listen(target)}`, target)
    assert.equal(await ask(target), "hi")
    await assert.rejects(server.listen(target), { code: "EADDRINUSE" })
  })

  it("on a unix socket, which is taken away again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "farcall-"))
    try {
      const path = join(folder, "s")
      const server = served()
      const address = await server.listen(`unix:${path}`)
      assert.deepEqual([address.toString(), address.path, address.port], [`unix:${path}`, path, undefined])
      await using channel = createChannel(`unix:${path}`)
      assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
      await server.shutdown()
      assert.equal(existsSync(path), false)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** What a server answers that listens at a target. */
async function ask(target: string, credentials?: ChannelCredentials): Promise<string> {
  await using channel = createChannel(target, { credentials })
  return (await createClient(Parrot, channel).say({ text: "hi" })).text
}

/** Has the system refuse IPv6, as it does where that is switched off. */
function withoutIPv6(t: TestContext, code: string): void {
  const listen = NetServer.prototype.listen as (...args: unknown[]) => NetServer
  t.mock.method(NetServer.prototype, "listen", function (this: NetServer, where: { host?: string }, done: () => void) {
    if (where.host?.includes(":") !== true) return listen.call(this, where, done)
    process.nextTick(() => this.emit("error", Object.assign(new Error(`listen ${code}`), { code })))
    return this
  })
}

describe("listening with IPv6 and without", () => {
  const has6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"))

  it("[::] is reached by both families", { skip: !has6 && "there is no IPv6 here" }, async () => {
    await using server = served()
    const { port } = await server.listen("[::]:0", { credentials: insecure() })
    assert.equal(await ask(`ipv6:[::1]:${port}`), "hi")
    assert.equal(await ask(`ipv4:127.0.0.1:${port}`), "hi")
  })

  for (const code of ["EAFNOSUPPORT", "EADDRNOTAVAIL"]) {
    it(`where the system says ${code}, [::] is all of IPv4, and a name its other addresses`, async (t) => {
      withoutIPv6(t, code)
      await using server = served()
      const all = await server.listen("[::]:0", { credentials: insecure() })
      assert.equal(await ask(`ipv4:127.0.0.1:${all.port}`), "hi")
      const named = await server.listen("localhost:0")
      assert.equal(await ask(`ipv4:127.0.0.1:${named.port}`), "hi")
    })

    it(`where the system says ${code}, an address of IPv6 alone is refused`, async (t) => {
      withoutIPv6(t, code)
      await using server = served()
      await assert.rejects(server.listen("[::1]:0"), { code })
    })
  }
})

describe("a socket that is handed over", () => {
  it("may be a server of node:net, whose connections are taken, and which is closed with the server", async () => {
    const server = served()
    const socket = createNetServer()
    await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve))
    const address = await server.listen(socket)
    assert.equal(`${address}`, `127.0.0.1:${(socket.address() as { port: number }).port}`)
    assert.equal(await ask(`${address}`), "hi")
    await server.shutdown()
    assert.equal(socket.listening, false)
  })

  it("may be a file descriptor that the process was started with", async () => {
    const socket = createNetServer()
    await new Promise<void>((resolve) => socket.listen(0, "127.0.0.1", resolve))
    const { port } = socket.address() as { port: number }
    const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
    const program = fileURLToPath(new URL("../test-support/serve-descriptor.js", import.meta.url))
    const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit", fd] })
    const [line] = (await once(child.stdout!, "data")) as [Buffer]
    assert.equal(line.toString(), `127.0.0.1:${port}\n`)
    // What connects before anyone accepts waits in the socket, whoever holds it.
    await new Promise((resolve) => socket.close(resolve))
    assert.equal(await ask(`127.0.0.1:${port}`), "hi")
    child.stdin!.end()
    assert.deepEqual(await once(child, "exit"), [0, null])
  })

  it("wants plaintext to be said where it is reached from elsewhere, and then goes on as it was", async () => {
    await using server = served()
    const socket = createNetServer()
    await new Promise<void>((resolve) => socket.listen(0, "0.0.0.0", resolve))
    await assert.rejects(server.listen(socket), /insecure\(\)/)
    assert.equal(socket.listening, true)
    const { port } = await server.listen(socket, { credentials: insecure() })
    assert.equal(await ask(`127.0.0.1:${port}`), "hi")
  })

  it("must be one that listens, and has nobody else who takes its connections", async () => {
    await using server = served()
    const taken = createNetServer(() => {})
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
    for (const wrong of [createNetServer(), taken, { fd: -1 }, { fd: 1.5 }])
      await assert.rejects(server.listen(wrong), TypeError)
    await assert.rejects(server.listen({ fd: 1_000_000 }), /^Error: cannot listen on file descriptor 1000000: listen E/)
    await new Promise((resolve) => taken.close(resolve))
  })
})

describe("a connection's first bytes", () => {
  it("of HTTP/1.1 are answered in HTTP/1.1", async () => {
    await using server = served()
    const { port } = await server.listen("127.0.0.1:0")
    const answer = await answerTo(port!, "GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert.match(answer, /^HTTP\/1\.1 505 HTTP Version Not Supported\r\n/)
    assert.match(answer, /connection: close\r\n/)
    const [head, body] = answer.split("\r\n\r\n")
    assert.equal(/content-length: (\d+)/.exec(head!)![1], String(body!.length))
    for (const line of ["HEAD /x HTTP/1.0\r\n", "POST /a/b HTTP/1.1\n", "x y HTTP/1.9\r\n"]) {
      assert.equal(await answerTo(port!, line), answer)
    }
  })

  it("of anything else are answered with a close", async () => {
    await using server = served()
    const { port } = await server.listen("127.0.0.1:0")
    assert.equal(await answerTo(port!, "hello\n"), "")
    assert.equal(await answerTo(port!, "GET / HTTP/2.0\r\n\r\n"), "")
    assert.equal(await answerTo(port!, "GET /\r\n"), "")
    assert.equal(await answerTo(port!, "x".repeat(9_000)), "")
  })

  it("of TLS, on an address that takes plaintext, are answered with what is no TLS", async () => {
    const seen: string[] = []
    await using server = served({ onConnectionError: (error) => seen.push(error.message) })
    const { port } = await server.listen("127.0.0.1:0")
    assert.match(await answerTo(port!, "\x16\x03\x01\x02\x00\x01"), /^HTTP\/1\.1 505 /)
    assert.equal(seen.length, 1)
    assert.match(seen[0]!, /^ipv4:127\.0\.0\.1:\d+ speaks TLS, and this address takes plaintext$/)
  })

  it("are waited for of so many connections at once; those that have spoken do not count", async () => {
    const seen: string[] = []
    await using server = served({ onConnectionError: (error) => seen.push(error.message) })
    const { port } = await server.listen("127.0.0.1:0", { maxPendingConnections: 2 })
    await using first = createChannel(`127.0.0.1:${port}`)
    await createClient(Parrot, first).say({ text: "" })
    const silent = [connect(port!, "127.0.0.1"), connect(port!, "127.0.0.1")]
    await Promise.all(silent.map((socket) => new Promise((resolve) => socket.on("connect", resolve))))
    assert.equal(await answerTo(port!, "GET / HTTP/1.1\r\n\r\n"), "")
    assert.equal(seen.length, 1)
    assert.match(seen[0]!, /^ipv4:127\.0\.0\.1:\d+ was turned away: 2 others have not said yet what they speak$/)
    assert.deepEqual(await createClient(Parrot, first).say({ text: "a" }), { text: "a" })
    for (const socket of silent) socket.on("error", () => {}).destroy()
  })

  it("that come a byte at a time are HTTP/2's all the same", async () => {
    await using server = served()
    const { port } = await server.listen("127.0.0.1:0")
    const socket = connect(port!, "127.0.0.1").setNoDelay(true)
    const settings = new Promise<Buffer>((resolve) => socket.once("data", resolve))
    for (const char of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
      socket.write(char)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal((await settings)[3], 4)
    socket.destroy()
  })

  it("that do not come end the connection after ten seconds", async () => {
    const clock = virtualClock()
    await using server = served({ clock })
    const { port } = await server.listen("127.0.0.1:0")
    const socket = connect(port!, "127.0.0.1")
    const closed = new Promise((resolve) => socket.on("close", resolve))
    socket.on("error", () => {})
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(9_999)
    assert.equal(socket.closed, false)
    await clock.advance(1)
    await closed
  })

  it("that dribble in have no more time", async () => {
    const clock = virtualClock()
    await using server = served({ clock })
    const { port } = await server.listen("127.0.0.1:0")
    const socket = connect(port!, "127.0.0.1").setNoDelay(true)
    const closed = new Promise((resolve) => socket.on("close", resolve))
    socket.on("error", () => {}).resume()
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
    for (const char of "PRI * HTTP") {
      socket.write(char)
      await new Promise((resolve) => setTimeout(resolve, 2))
      await clock.advance(999)
    }
    assert.equal(socket.closed, false)
    await clock.advance(10)
    await closed
  })

  it("of a client that is not there leave the server serving others", async () => {
    await using server = served()
    const { port } = await server.listen("127.0.0.1:0")
    for (const bytes of [
      "",
      "PRI",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage garbage",
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(port!, "127.0.0.1", () => socket.write(bytes, () => socket.resetAndDestroy()))
        socket.on("error", () => {}).on("close", () => resolve())
      })
    }
    await using channel = createChannel(`127.0.0.1:${port}`)
    assert.deepEqual(await createClient(Parrot, channel).say({ text: "a" }), { text: "a" })
  })
})

describe("a connection that is refused", () => {
  it("is UNAVAILABLE, naming the address and the cause", async () => {
    const server = served()
    const { port } = await server.listen("127.0.0.1:0")
    await server.shutdown()
    await using channel = createChannel(`127.0.0.1:${port}`)
    const error = await failureOf(createClient(Parrot, channel).say({ text: "" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.ok(error.message.includes(`127.0.0.1:${port}`) && error.message.includes("ECONNREFUSED"), error.message)
    assert.equal((error.cause as { code: string }).code, "ECONNREFUSED")
  })

  it("by something that does not speak HTTP/2 is UNAVAILABLE too", async () => {
    const other = createNetServer((socket) =>
      socket
        .on("error", () => {})
        .resume()
        .end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    )
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve))
    const { port } = other.address() as { port: number }
    await using channel = createChannel(`127.0.0.1:${port}`)
    const error = await failureOf(createClient(Parrot, channel).say({ text: "" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.ok(error.message.includes(`127.0.0.1:${port}`), error.message)
    await new Promise((resolve) => other.close(resolve))
  })
})
