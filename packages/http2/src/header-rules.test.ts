import assert from "node:assert/strict"
import { test } from "node:test"
import { contentLength, headerFault, type MessagePart } from "./header-rules.js"
import { HpackDecoder } from "./hpack/decoder.js"
import type { HeaderBlock, HeaderFields } from "./hpack/header-block.js"
import { HeaderSource, requestFields, responseFields } from "./test-support/frames.js"

function decode(fields: HeaderFields): HeaderBlock {
  const bytes = new HeaderSource().block(fields)
  const decoder = new HpackDecoder({ tableSize: 4096, maxHeaderListSize: 16_384, maxHeaderCount: 128 })
  return decoder.decode(bytes, 0, bytes.length)
}

const get = [":method", "GET", ":scheme", "https", ":path", "/"]

const wellFormed: readonly (readonly [part: MessagePart, fields: HeaderFields])[] = [
  ["request", requestFields],
  ["request", get],
  ["request", [...get, "te", "trailers", "cookie", "a=b", "x", ""]],
  ["request", [":method", "OPTIONS", ":scheme", "http", ":path", "*"]],
  ["request", [":method", "CONNECT", ":authority", "host:443"]],
  ["request", [":method", "GET", ":scheme", "urn", ":path", "isbn:1"]],
  ["request", [":method", "GET", ":scheme", "sip", ":path", "x", ":authority", "user@host"]],
  ["request", [...get, "grpc-message", "\u00e9 obs-text is allowed"]],
  ["response", responseFields],
  ["response", [":status", "103"]],
  ["trailers", ["grpc-status", "0"]],
  ["trailers", []],
]

for (const [part, fields] of wellFormed) {
  test(`a well-formed ${part}: ${fields.join(" ")}`, () => assert.equal(headerFault(decode(fields), part), undefined))
}

const malformed: readonly (readonly [part: MessagePart, fields: HeaderFields, fault: RegExp])[] = [
  ["request", [":scheme", "http", ":path", "/"], /without :method/],
  ["request", [":method", "GET", ":path", "/"], /without :scheme/],
  ["request", [":method", "GET", ":scheme", "http"], /without :path/],
  ["request", [":method", "GET", ":scheme", "http", ":path", ""], /:path is ""/],
  ["request", [":method", "GET", ":scheme", "http", ":path", "a/b"], /slash/],
  ["request", [":method", "GET", ":scheme", "http", ":path", "*"], /slash/],
  ["request", [...get, ":authority", "user@host"], /user's name/],
  ["request", [...get, ":path", "/"], /twice/],
  ["request", [":extra", "1", ...get], /unknown/],
  ["request", ["a", "b", ...get], /follows a regular field/],
  ["request", [...get, ":status", "200"], /:status in a request/],
  ["request", [":protocol", "websocket", ...get], /:protocol/],
  ["request", [":method", "CONNECT", ":authority", "host:443", ":path", "/"], /CONNECT with/],
  ["request", [":method", "CONNECT"], /CONNECT without/],
  ["request", [...get, "Accept", "x"], /field name "Accept"/],
  ["request", [...get, "", "x"], /field name ""/],
  ["request", [...get, "a b", "x"], /field name/],
  ["request", [...get, "a:b", "x"], /field name/],
  ["request", [...get, "\u00e9", "x"], /field name/],
  ["request", [...get, "a", "x\ny"], /value of field a/],
  ["request", [...get, "a", "x\ry"], /value of field a/],
  ["request", [...get, "a", "x\0y"], /value of field a/],
  ["request", [...get, "a", " x"], /value of field a/],
  ["request", [...get, "a", "x\t"], /value of field a/],
  ["request", [...get.slice(0, 5), "/\n"], /value of field :path/],
  ["request", [...get, "connection", "close"], /connection-specific/],
  ["request", [...get, "keep-alive", "1"], /connection-specific/],
  ["request", [...get, "proxy-connection", "1"], /connection-specific/],
  ["request", [...get, "transfer-encoding", "chunked"], /connection-specific/],
  ["request", [...get, "upgrade", "h2c"], /connection-specific/],
  ["request", [...get, "te", "trailers, deflate"], /te is/],
  ["response", [], /without :status/],
  ["response", [":status", "20"], /:status is/],
  ["response", [":status", "2000"], /:status is/],
  ["response", [":status", "101"], /101/],
  ["response", [":status", "200", ":method", "GET"], /of requests/],
  ["trailers", [":status", "200"], /in trailers/],
  ["trailers", [":path", "/"], /in trailers/],
  ["trailers", ["connection", "close"], /connection-specific/],
]

for (const [part, fields, fault] of malformed) {
  test(`a malformed ${part}: ${JSON.stringify(fields.join(" "))}`, () => {
    assert.match(headerFault(decode(fields), part) ?? "no fault", fault)
  })
}

test("a shared block is checked once for each part", () => {
  const block = decode(["grpc-status", "0"])
  assert.equal(headerFault(block, "trailers"), undefined)
  assert.equal(headerFault(block, "trailers"), undefined)
  assert.match(headerFault(block, "request") ?? "", /without :method/)
})

test("content-length", () => {
  const lengthOf = (...fields: string[]) => {
    const block = decode([...get, ...fields])
    headerFault(block, "request")
    return contentLength(block)
  }
  assert.equal(lengthOf(), -1)
  assert.equal(lengthOf("content-length", "0"), 0)
  assert.equal(lengthOf("content-length", "12"), 12)
  assert.equal(lengthOf("content-length", "12", "content-length", "12"), 12)
  assert.equal(lengthOf("content-length", "12", "content-length", "13"), Number.NaN)
  assert.equal(lengthOf("content-length", "+12"), Number.NaN)
  assert.equal(lengthOf("content-length", "1e3"), Number.NaN)
  assert.equal(lengthOf("content-length", ""), Number.NaN)
})
