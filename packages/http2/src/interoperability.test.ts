import assert from "node:assert/strict"
import { once } from "node:events"
import http2 from "node:http2"
import net from "node:net"
import { test } from "node:test"
import type { Connection } from "./connection.js"
import { ErrorCode } from "./frame/error-code.js"
import { PreparedHeaders } from "./hpack/prepared-headers.js"
import { Recorder } from "./test-support/recorder.js"
import { connectSocket } from "./test-support/socket-connection.js"

const bodySize = 3_000_000

function body(): Uint8Array {
  return Uint8Array.from({ length: bodySize }, (_, i) => (i * 31 + (i >>> 10)) & 0xff)
}

async function listen(server: net.Server): Promise<number> {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return (server.address() as net.AddressInfo).port
}

test("node:http2 as the client: requests, echoes both ways, trailers, cancel, GOAWAY", {
  timeout: 20_000,
}, async (t) => {
  const recorder = new Recorder()
  let connection: Connection<string> | undefined
  const response = new PreparedHeaders([":status", "200", "content-type", "application/octet-stream"])
  recorder.hooks.headers = (stream, kind, block, end) => {
    if (kind === "initial") {
      stream.owner = block.path ?? ""
      connection?.sendHeaders(stream, response, ["x-path", stream.owner], false)
    }
    if (end) connection?.sendHeaders(stream, ["x-end", "1"], undefined, true)
  }
  // The echo takes what it has sent on: what the client does not read comes to a halt here.
  recorder.onData = (stream, chunk, start, stop, end) => {
    connection?.sendOwned(stream, chunk.slice(start, stop), 0, stop - start, false)
    connection?.consumed(stream, stop - start)
    if (!end || stream.owner === "/cancel") return
    connection?.sendHeaders(stream, ["x-end", "1"], undefined, true)
    connection?.release(stream)
  }
  const server = net.createServer((socket) => {
    connection = connectSocket(socket, "server", recorder)
  })
  const port = await listen(server)
  const session = http2.connect(`http://127.0.0.1:${port}`)
  t.after(() => {
    session.destroy()
    server.close()
  })
  session.on("error", (error) => assert.fail(error))
  const sent = body()
  const results = await Promise.all([0, 1, 2].map((i) => echo(session, `/echo/${i}`, sent)))
  for (const [i, { headers, trailers, received }] of results.entries()) {
    assert.equal(headers[":status"], 200)
    assert.equal(headers["x-path"], `/echo/${i}`)
    assert.equal(trailers["x-end"], "1")
    assert.equal(Buffer.compare(received, sent), 0)
  }
  // A request without a body, three hundred times: the dynamic table and the cache of blocks at work.
  for (let i = 0; i < 300; i++) {
    const { headers, received } = await echo(session, `/get/${i % 7}`, undefined)
    assert.equal(headers["x-path"], `/get/${i % 7}`)
    assert.equal(received.length, 0)
    connection?.release(recorder.stream(7 + 2 * i))
  }
  const cancelled = session.request({ ":path": "/cancel", ":method": "POST" })
  await once(cancelled, "response")
  cancelled.close(http2.constants.NGHTTP2_CANCEL)
  await once(cancelled, "close")
  await new Promise<void>((resolve) => session.ping(() => resolve()))
  assert.equal(recorder.closures.at(-1)?.code, ErrorCode.CANCEL)
  const goaway = once(session, "goaway")
  connection?.goAway(connection.lastPeerStreamId, ErrorCode.NO_ERROR, new TextEncoder().encode("max_age"))
  const [code, lastStreamId, debug] = await goaway
  assert.deepEqual([code, lastStreamId, String(debug)], [0, connection?.lastPeerStreamId, "max_age"])
  assert.equal(connection?.openStreams, 0)
})

test("node:http2 as the server: requests, echoes both ways, trailers, reset, GOAWAY", {
  timeout: 20_000,
}, async (t) => {
  const server = http2.createServer({ settings: { maxConcurrentStreams: 5, initialWindowSize: 20_000 } })
  server.on("sessionError", (error) => assert.fail(error))
  server.on("stream", (stream, headers) => {
    // node:http2 tells its own side of every reset, too.
    stream.on("error", () => {})
    if (headers[":path"] === "/refuse") {
      stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
      return
    }
    stream.respond({ ":status": 200, "x-path": headers[":path"] }, { waitForTrailers: true })
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-end": "1" }))
    if (headers[":path"] === "/goaway") stream.session?.goaway(0, 0, Buffer.from("bye"))
    stream.pipe(stream)
  })
  const port = await listen(server as unknown as net.Server)
  const socket = net.connect(port, "127.0.0.1")
  t.after(() => {
    socket.destroy()
    server.close()
  })
  await once(socket, "connect")
  const received = new Map<number, Uint8Array[]>()
  const ended = new Map<number, () => void>()
  const recorder = new Recorder()
  const connection = connectSocket(socket, "client", recorder)
  recorder.onData = (stream, chunk, start, stop) => {
    received.get(stream.id)?.push(chunk.slice(start, stop))
    connection.consumed(stream, stop - start)
  }
  recorder.hooks.headers = (stream, kind, block, end) => {
    if (kind === "trailers") assert.equal(block.get("x-end"), "1")
    if (end) ended.get(stream.id)?.()
  }
  await new Promise<void>((resolve) => (recorder.hooks.settings = resolve))
  assert.equal(connection.peerSettings.maxConcurrentStreams, 5)
  const request = new PreparedHeaders([":method", "POST", ":scheme", "http", ":authority", "127.0.0.1"])
  const open = (path: string, content: Uint8Array | undefined) => {
    const stream = connection.openStream(request, [":path", path], content === undefined, path)
    assert.ok(stream)
    received.set(stream.id, [])
    if (content !== undefined) connection.sendOwned(stream, content, 0, content.length, true)
    return { stream, end: new Promise<void>((resolve) => ended.set(stream.id, resolve)) }
  }
  const sent = body()
  const calls = [0, 1, 2, 3, 4].map((i) => open(`/echo/${i}`, sent))
  assert.equal(connection.openStream(request, [":path", "/"], true, "above the limit"), undefined)
  await Promise.all(calls.map((call) => call.end))
  for (const { stream } of calls) {
    assert.equal(Buffer.compare(Buffer.concat(received.get(stream.id) ?? []), sent), 0)
  }
  for (let i = 0; i < 300; i++) await open(`/get/${i % 7}`, undefined).end
  const reset = new Promise<void>((resolve) => (recorder.hooks.reset = () => resolve()))
  const refused = open("/refuse", new Uint8Array(10))
  await reset
  assert.equal(recorder.closures[0].code, ErrorCode.REFUSED_STREAM)
  assert.equal(recorder.closures[0].mayHaveBeenProcessed, false)
  assert.equal(refused.stream.state, "closed")
  const last = open("/goaway", new Uint8Array(10))
  await last.end
  assert.equal(connection.accepting, false)
  assert.equal(connection.openStreams, 0)
  assert.equal(connection.counters.outboundQueued, 0)
})

/** One request with its echo: sent in pieces, read to the end. */
async function echo(session: http2.ClientHttp2Session, path: string, content: Uint8Array | undefined) {
  const method = content === undefined ? "GET" : "POST"
  const stream = session.request({ ":path": path, ":method": method })
  let trailers: http2.IncomingHttpHeaders = {}
  stream.on("trailers", (fields) => (trailers = fields))
  const response = once(stream, "response")
  stream.end(content)
  const [headers] = await response
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return { headers, trailers, received: Buffer.concat(pieces) }
}
