import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { property as forAll, assert as property, string } from "fast-check"
import { character } from "../testing/arbitrary/character.js"
import { encodeBase64 } from "./base64.js"
import { Metadata } from "./metadata.js"
import { okStatus } from "./status.js"
import {
  detailsFromBlock,
  type EndingBlock,
  percentDecode,
  percentEncode,
  statusCodeOfReset,
  statusFromBlock,
  statusToFields,
} from "./trailers.js"

function block(fields: Record<string, string>, status?: string): EndingBlock {
  return { get: (name) => fields[name], status }
}

function statusOf(fields: readonly string[]): ReturnType<typeof statusFromBlock> {
  const received: Record<string, string> = Object.create(null)
  for (let i = 0; i < fields.length; i += 2) received[fields[i]!] = fields[i + 1]!
  return statusFromBlock(block(received), undefined)
}

describe("grpc-message", () => {
  const encoded: readonly [text: string, onWire: string][] = [
    ["", ""],
    ["plain ASCII, ~ and all", "plain ASCII, ~ and all"],
    ["100%", "100%25"],
    ["é ☃ 😀", "%C3%A9 %E2%98%83 %F0%9F%98%80"],
    ["a\r\nb\0\t\x7f", "a%0D%0Ab%00%09%7F"],
  ]
  for (const [text, onWire] of encoded) {
    it(`22. ${JSON.stringify(text)} is ${JSON.stringify(onWire)} on the wire`, () => {
      assert.equal(percentEncode(text), onWire)
      assert.equal(percentDecode(onWire), text)
    })
  }

  it("22. spaces at the ends are escaped, as no header field may begin or end with one", () => {
    assert.equal(percentEncode(" a b "), "%20a b%20")
    assert.equal(percentEncode("  "), "%20%20")
    assert.equal(percentEncode(" ä "), "%20%C3%A4%20")
  })

  const broken: readonly [onWire: string, text: string][] = [
    ["50% off", "50% off"],
    ["%", "%"],
    ["%4", "%4"],
    ["%zz%41", "%zzA"],
    ["a%E2%98", "a\ufffd"],
    ["%FF", "\ufffd"],
    ["%c3%a9", "é"],
    ["\xc3\xa9", "é"],
  ]
  for (const [onWire, text] of broken) {
    it(`22. ${JSON.stringify(onWire)} is read ${JSON.stringify(text)}`, () => assert.equal(percentDecode(onWire), text))
  }

  it("22. any text comes back as it went, and is a valid header field", () => {
    property(
      forAll(string({ unit: character }), (text) => {
        const onWire = percentEncode(text)
        assert.match(onWire, /^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/)
        assert.equal(
          percentDecode(onWire),
          new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
        )
      }),
    )
  })
})

describe("a status in the block that ends a response", () => {
  const http: readonly [http: string, code: string][] = [
    ["400", "INTERNAL"],
    ["401", "UNAUTHENTICATED"],
    ["403", "PERMISSION_DENIED"],
    ["404", "UNIMPLEMENTED"],
    ["429", "UNAVAILABLE"],
    ["502", "UNAVAILABLE"],
    ["503", "UNAVAILABLE"],
    ["504", "UNAVAILABLE"],
    ["200", "UNKNOWN"],
    ["204", "UNKNOWN"],
    ["302", "UNKNOWN"],
    ["418", "UNKNOWN"],
    ["500", "UNKNOWN"],
  ]
  for (const [status, code] of http) {
    it(`23. without grpc-status, HTTP ${status} is ${code}`, () => {
      assert.equal(statusFromBlock(block({}, status), status).code, code)
    })
  }

  it("23. without either is UNKNOWN", () => assert.equal(statusFromBlock(block({}), undefined).code, "UNKNOWN"))

  it("24. grpc-status stands above the HTTP status", () => {
    const status = statusFromBlock(block({ "grpc-status": "5", "grpc-message": "gone" }, "503"), "503")
    assert.deepEqual(status, { code: "NOT_FOUND", codeNumber: 5, message: "gone" })
  })

  for (const value of ["", "x", "-1", "1.5", "0x1", " 5", "99999999999", "five"]) {
    it(`25. grpc-status ${JSON.stringify(value)} is UNKNOWN, and the text says so`, () => {
      const status = statusFromBlock(block({ "grpc-status": value }), undefined)
      assert.equal(status.code, "UNKNOWN")
      assert.equal(status.codeNumber, 2)
      assert.ok(status.message.includes(JSON.stringify(value)))
    })
  }

  it("25. a number that gRPC does not know is UNKNOWN, and kept", () => {
    assert.deepEqual(statusFromBlock(block({ "grpc-status": "17" }), undefined), {
      code: "UNKNOWN",
      codeNumber: 17,
      message: "",
    })
  })

  const resets: readonly [name: string, code: number, status: string][] = [
    ["NO_ERROR", 0, "INTERNAL"],
    ["PROTOCOL_ERROR", 1, "INTERNAL"],
    ["INTERNAL_ERROR", 2, "INTERNAL"],
    ["FLOW_CONTROL_ERROR", 3, "INTERNAL"],
    ["SETTINGS_TIMEOUT", 4, "INTERNAL"],
    ["STREAM_CLOSED", 5, "INTERNAL"],
    ["FRAME_SIZE_ERROR", 6, "INTERNAL"],
    ["REFUSED_STREAM", 7, "UNAVAILABLE"],
    ["CANCEL", 8, "CANCELLED"],
    ["COMPRESSION_ERROR", 9, "INTERNAL"],
    ["CONNECT_ERROR", 10, "INTERNAL"],
    ["ENHANCE_YOUR_CALM", 11, "RESOURCE_EXHAUSTED"],
    ["INADEQUATE_SECURITY", 12, "PERMISSION_DENIED"],
    ["HTTP_1_1_REQUIRED", 13, "INTERNAL"],
    ["an unknown code", 4711, "INTERNAL"],
  ]
  for (const [name, code, status] of resets) {
    it(`26. RST_STREAM with ${name} is ${status}`, () => assert.equal(statusCodeOfReset(code), status))
  }

  it("goes into fields and comes out of them", () => {
    assert.deepEqual(statusToFields(okStatus, [], undefined), ["grpc-status", "0"])
    const status = { code: "DATA_LOSS", codeNumber: 15, message: "schöner Mist" } as const
    const fields = statusToFields(status, [], new Metadata({ a: ["1", "2"] }))
    assert.deepEqual(fields, ["grpc-status", "15", "grpc-message", "sch%C3%B6ner Mist", "a", "1", "a", "2"])
    assert.deepEqual(statusOf(fields), status)
  })

  it("carries details, in a status that says the same as the fields", () => {
    const detail = { typeUrl: "t/x.Y", value: Uint8Array.of(7) }
    const fields = statusToFields({ code: "ABORTED", codeNumber: 10, message: "m" }, [detail], undefined)
    assert.equal(fields[4], "grpc-status-details-bin")
    assert.deepEqual(detailsFromBlock(block({ [fields[4]!]: fields[5]! })), [detail])
    assert.equal(fields[5], encodeBase64(Buffer.from("080a12016d1a0a0a05742f782e59120107", "hex")))
  })

  it("has no details where they are missing or cannot be read", () => {
    assert.deepEqual(detailsFromBlock(block({})), [])
    assert.deepEqual(detailsFromBlock(block({ "grpc-status-details-bin": "*" })), [])
    assert.deepEqual(detailsFromBlock(block({ "grpc-status-details-bin": "/////w" })), [])
  })

  it("keeps the message of an OK", () => {
    assert.deepEqual(statusFromBlock(block({ "grpc-status": "0", "grpc-message": "fine" }), undefined), {
      code: "OK",
      codeNumber: 0,
      message: "fine",
    })
  })
})
