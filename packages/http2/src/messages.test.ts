import assert from "node:assert/strict"
import { FrameFlag, FrameType } from "./frame/header.js"
import type { Role } from "./handler.js"
import type { HeaderFields } from "./hpack/header-block.js"
import { type ScriptedPeer, script } from "./test-support/frame-script.js"
import { data, frame, paddedData, ping, requestFields, responseFields, windowUpdate } from "./test-support/frames.js"

/** HTTP messages by RFC 9113 §8, and what stands around them: each in both roles, where it has a meaning in both. */

const roles: readonly Role[] = ["client", "server"]
const opaque = [7, 7, 7, 7, 7, 7, 7, 7]
const pong = "PING ACK 0707070707070707"

function bothRoles(name: string, body: (peer: ScriptedPeer, role: Role) => void): void {
  for (const role of roles) script(name, role, {}, (peer) => body(peer, role))
}

/** The head of the message that a peer sends to this role. */
function headFor(role: Role): HeaderFields {
  return role === "server" ? requestFields : responseFields
}

/** Greets; a client has opened streams 1 and 3 then, and its requests may go on. */
function greeted(peer: ScriptedPeer, role: Role, ...settings: readonly number[]): void {
  peer.greet(...settings)
  if (role === "server") return
  for (const owner of ["one", "three"]) peer.connection.openStream(requestFields, undefined, false, owner)
  peer.hear()
}

/** Opens streams 1 and 3, whoever has to. */
function opened(peer: ScriptedPeer, role: Role, ...settings: readonly number[]): void {
  greeted(peer, role, ...settings)
  peer.say(peer.source.headers(1, headFor(role)), peer.source.headers(3, headFor(role)))
  peer.hear()
  peer.recorder.take()
}

/** The connection lives, and a message on stream 3 comes through. */
function goesOn(peer: ScriptedPeer, role: Role): void {
  peer.recorder.take()
  peer.say(ping(opaque), peer.source.headers(3, headFor(role)), data(3, "still here", true))
  assert.deepEqual(peer.hear(), [pong])
  assert.ok(peer.recorder.take().includes('data 3 end "still here"'))
}

// ------------------------------------------------------------------ fields

/** What no message may carry, in either direction, neither in its head nor in its trailers. */
const forbidden: readonly (readonly [rule: string, name: string, fields: HeaderFields])[] = [
  ["§8.2", "an upper-case name", ["Accept", "x"]],
  ["§8.2.1", "an empty name", ["", "x"]],
  ["§8.2.1", "a name with a space", ["a b", "x"]],
  ["§8.2.1", "a name with a colon in it", ["a:b", "x"]],
  ["§8.2.1", "a name above ASCII", ["\u00fc", "x"]],
  ["§8.2.1", "a value with NUL", ["a", "x\0"]],
  ["§8.2.1", "a value with LF", ["a", "x\nset-cookie: b"]],
  ["§8.2.1", "a value with CR", ["a", "x\r"]],
  ["§8.2.1", "a value that begins with a space", ["a", " x"]],
  ["§8.2.1", "a value that ends with a tab", ["a", "x\t"]],
  ["§8.2.2", "connection", ["connection", "close"]],
  ["§8.2.2", "proxy-connection", ["proxy-connection", "keep-alive"]],
  ["§8.2.2", "keep-alive", ["keep-alive", "5"]],
  ["§8.2.2", "transfer-encoding", ["transfer-encoding", "chunked"]],
  ["§8.2.2", "upgrade", ["upgrade", "h2c"]],
  ["§8.2.2", "te with another value than trailers", ["te", "trailers, gzip"]],
  ["§8.3", "a pseudo-header after a field", [":path", "/"]],
  ["§8.3", "a pseudo-header that is not defined", [":extra", "x"]],
]

for (const [rule, name, fields] of forbidden) {
  bothRoles(`${rule}: ${name} in a head: PROTOCOL_ERROR`, (peer, role) => {
    greeted(peer, role)
    peer.say(peer.source.headers(1, [...headFor(role), ...fields]))
    assert.deepEqual(peer.hear(), ["RST_STREAM 1 PROTOCOL_ERROR"])
    // A server's handler never hears of it; a client's hears that its stream is gone.
    const events = role === "server" ? [] : ["reset 1 PROTOCOL_ERROR by local, stream"]
    assert.deepEqual(peer.recorder.take(), events)
    goesOn(peer, role)
  })

  bothRoles(`${rule}: ${name} in trailers: PROTOCOL_ERROR`, (peer, role) => {
    greeted(peer, role)
    peer.say(peer.source.headers(1, headFor(role)), data(1, "x"), peer.source.headers(1, ["a", "b", ...fields], true))
    assert.deepEqual(peer.hear(), ["RST_STREAM 1 PROTOCOL_ERROR"])
    assert.equal(peer.recorder.take().at(-1), "reset 1 PROTOCOL_ERROR by local, stream")
    goesOn(peer, role)
  })
}

bothRoles("§5.2 of RFC 9110: fields of one name keep their order", (peer, role) => {
  greeted(peer, role)
  peer.say(peer.source.headers(1, [...headFor(role), "a", "1", "b", "2", "a", "3", "a", ""], true))
  const [line] = peer.recorder.take()
  assert.ok(line.endsWith(" a=1 b=2 a=3 a="), line)
})

script("§8.2.3: a cookie in crumbs is one field", "server", {}, (peer) => {
  peer.greet()
  const crumbs = ["cookie", "a=1", "accept", "*/*", "cookie", "b=2", "cookie", "c=3"]
  const events = ["initial 1 end :method=POST :scheme=http :path=/a/b :authority=host cookie=a=1; b=2; c=3 accept=*/*"]
  peer.expect([peer.source.headers(1, [...requestFields, ...crumbs], true)], events, [])
  assert.equal(peer.recorder.stream(1).state, "half-closed (remote)")
})

// ------------------------------------------------------------------ messages

bothRoles("§8.1: head, content, trailers", (peer, role) => {
  greeted(peer, role)
  peer.say(peer.source.headers(1, headFor(role)), data(1, "con"), data(1, ""), paddedData(1, "tent", 9))
  peer.say(peer.source.headers(1, ["checksum", "7"], true))
  const [head, ...rest] = peer.recorder.take()
  assert.match(head, /^initial 1 :/)
  assert.deepEqual(rest, ['data 1 "content"', "trailers 1 end checksum=7"])
  assert.ok(!peer.hear().some((line) => line.startsWith("RST_STREAM")))
})

bothRoles("§8.1: trailers without content", (peer, role) => {
  greeted(peer, role)
  peer.say(peer.source.headers(1, headFor(role)), peer.source.headers(1, ["checksum", "7"], true))
  assert.deepEqual(peer.recorder.take().slice(1), ["trailers 1 end checksum=7"])
})

bothRoles("§8.1: our trailers follow our content", (peer, role) => {
  opened(peer, role)
  const stream = peer.recorder.stream(1)
  if (role === "server") peer.connection.sendHeaders(stream, responseFields, undefined, false)
  const content = new TextEncoder().encode("content")
  peer.connection.sendOwned(stream, content, 0, content.length, false)
  peer.connection.sendHeaders(stream, ["checksum", "7"], undefined, true)
  assert.deepEqual(peer.hear().slice(-2), ['DATA 1 "content"', "HEADERS 1 end checksum=7"])
})

script("§8.1: informational responses, then the final one, received", "client", {}, (peer) => {
  greeted(peer, "client")
  const early = peer.source.headers(1, [":status", "103", "link", "</x>"])
  const final = peer.source.headers(1, [":status", "200"], true)
  peer.expect(
    [peer.source.headers(1, [":status", "100"]), early, final],
    ["informational 1 :status=100", "informational 1 :status=103 link=</x>", "initial 1 end :status=200"],
    [],
  )
})

script("§8.1: informational responses, then the final one, sent", "server", {}, (peer) => {
  peer.greet()
  peer.say(peer.source.headers(1, requestFields, true))
  const stream = peer.recorder.stream(1)
  for (const status of ["100", "103"]) peer.connection.sendHeaders(stream, [":status", status], undefined, false)
  peer.connection.sendHeaders(stream, [":status", "204"], undefined, true)
  assert.deepEqual(peer.hear(), ["HEADERS 1 :status=100", "HEADERS 1 :status=103", "HEADERS 1 end :status=204"])
  assert.equal(stream.state, "closed")
})

const lengths: readonly (readonly [length: string, content: string, taken: boolean])[] = [
  ["4", "four", true],
  ["0", "", true],
  ["4", "fou", false],
  ["4", "fives", false],
  ["0", "x", false],
  ["-1", "", false],
  ["4 ", "four", false],
  ["0x4", "four", false],
]

for (const [length, content, taken] of lengths) {
  const outcome = taken ? "taken" : "PROTOCOL_ERROR"
  bothRoles(`§8.1.1: content-length "${length}" with "${content}": ${outcome}`, (peer, role) => {
    greeted(peer, role)
    peer.say(peer.source.headers(1, [...headFor(role), "content-length", length]), data(1, content, true))
    assert.deepEqual(peer.hear(), taken ? [] : ["RST_STREAM 1 PROTOCOL_ERROR"])
    goesOn(peer, role)
  })
}

/** RFC 9113 §8.3.1, §8.5; RFC 9110 §7.1. */
const targets: readonly (readonly [name: string, fields: HeaderFields, taken: boolean])[] = [
  ["absolute", [":method", "GET", ":scheme", "https", ":authority", "a.example:443", ":path", "/x?y"], true],
  ["origin with Host", [":method", "GET", ":scheme", "http", ":path", "/x", "host", "a.example"], true],
  ["origin with neither", [":method", "GET", ":scheme", "http", ":path", "/x"], true],
  ["asterisk", [":method", "OPTIONS", ":scheme", "http", ":authority", "a.example", ":path", "*"], true],
  ["authority", [":method", "CONNECT", ":authority", "a.example:443"], true],
  ["authority with :path", [":method", "CONNECT", ":authority", "a.example:443", ":path", "/"], false],
  ["authority with :scheme", [":method", "CONNECT", ":authority", "a.example:443", ":scheme", "http"], false],
  ["absolute in :path", [":method", "GET", ":scheme", "http", ":path", "http://a.example/x"], false],
  ["with a user's name", [":method", "GET", ":scheme", "http", ":authority", "me@a.example", ":path", "/"], false],
  ["another scheme's", [":method", "GET", ":scheme", "urn", ":path", "isbn:1"], true],
]

for (const [name, fields, taken] of targets) {
  script(`§8.3.1: a request in the form ${name}: ${taken ? "taken" : "PROTOCOL_ERROR"}`, "server", {}, (peer) => {
    peer.greet()
    peer.say(peer.source.headers(1, fields, true))
    assert.deepEqual(peer.hear(), taken ? [] : ["RST_STREAM 1 PROTOCOL_ERROR"])
    const [line] = peer.recorder.take()
    assert.equal(line?.startsWith("initial 1 end :method="), taken || undefined)
    goesOn(peer, "server")
  })
}

// ------------------------------------------------------------------ around messages

bothRoles("§5.5: unknown frames and settings, GREASE among them, are passed over", (peer, role) => {
  // ENABLE_CONNECT_PROTOCOL and NO_RFC7540_PRIORITIES are of other documents; 0x?a?a are RFC 8701's.
  opened(peer, role, 0x8, 1, 0x9, 1, 0x0a0a, 5, 0xbaba, 0)
  for (const type of [0x0a, 0x0b, 0x0c, 0x2a, 0x49, 0xe4, 0xff]) {
    peer.say(frame(type, 0xff, 0, opaque), frame(type, 0, 1, []), frame(type, 1, 99, opaque))
  }
  assert.deepEqual([peer.hear(), peer.recorder.take()], [[], []])
  peer.say(data(1, "x", true))
  assert.deepEqual(peer.recorder.take(), ['data 1 end "x"'])
})

bothRoles("RFC 9218: PRIORITY_UPDATE and the field priority are passed over, and on", (peer, role) => {
  const update = (id: number) => frame(0x10, 0, 0, [0, 0, 0, id, ...new TextEncoder().encode("u=1, i")])
  greeted(peer, role)
  peer.say(update(1), peer.source.headers(1, [...headFor(role), "priority", "u=1, i"]), update(1), update(9))
  assert.deepEqual(peer.hear(), [])
  const lines = peer.recorder.take()
  assert.equal(lines.length, 1)
  assert.ok(lines[0].endsWith(" priority=u=1, i"), lines[0])
})

bothRoles("§8.4: there is no push, and a promise ends the connection", (peer, role) => {
  const [first] = peer.hear().filter((line) => line.startsWith("SETTINGS"))
  // A client says so; a server has nothing to say, as a client cannot push.
  assert.equal(first.includes("ENABLE_PUSH=0"), role === "client", first)
  opened(peer, role, ...(role === "server" ? [2, 1] : []))
  peer.say(frame(FrameType.PUSH_PROMISE, FrameFlag.END_HEADERS, 1, [0, 0, 0, 2, ...peer.source.block(requestFields)]))
  assert.deepEqual(peer.hear(), [`GOAWAY ${role === "server" ? 3 : 0} PROTOCOL_ERROR`])
})

bothRoles("§6.9.2: a window of 0 holds DATA back, and neither HEADERS nor an end without content", (peer, role) => {
  opened(peer, role, 4, 0)
  const [one, three] = [peer.recorder.stream(1), peer.recorder.stream(3)]
  if (role === "server") {
    for (const stream of [one, three]) peer.connection.sendHeaders(stream, responseFields, undefined, false)
    assert.equal(peer.hear().filter((line) => line.startsWith("HEADERS")).length, 2)
  }
  const content = new TextEncoder().encode("content")
  assert.equal(peer.connection.beginData(one, 1), false)
  peer.connection.sendOwned(one, content, 0, content.length, true)
  peer.connection.endStream(three)
  assert.deepEqual(peer.hear(), ['DATA 3 end ""'])
  peer.say(windowUpdate(1, 3))
  assert.deepEqual(peer.hear(), ['DATA 1 "con"'])
  peer.say(windowUpdate(0, 100))
  assert.deepEqual(peer.hear(), [])
  peer.say(windowUpdate(1, 4))
  assert.deepEqual(peer.hear(), ['DATA 1 end "tent"'])
})

bothRoles("§6.9.1: windows of 2^31-1 take all there is, and not a byte more", (peer, role) => {
  opened(peer, role, 4, 2 ** 31 - 1)
  peer.say(windowUpdate(0, 2 ** 31 - 1 - 65_535))
  const stream = peer.recorder.stream(1)
  if (role === "server") peer.connection.sendHeaders(stream, responseFields, undefined, false)
  peer.connection.sendOwned(stream, new Uint8Array(200_000), 0, 200_000, true)
  const frames: string[] = []
  for (let lines = peer.hear(); lines.length > 0; lines = peer.hear()) frames.push(...lines)
  const sizes = frames.filter((line) => line.startsWith("DATA")).map((line) => Number(/(\d+) bytes/.exec(line)?.[1]))
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    200_000,
  )
  peer.say(windowUpdate(3, 1))
  assert.deepEqual(peer.hear(), ["RST_STREAM 3 FLOW_CONTROL_ERROR"])
  peer.say(windowUpdate(0, 200_000), windowUpdate(0, 1))
  assert.match(peer.hear().join(), /^GOAWAY \d FLOW_CONTROL_ERROR$/)
})
