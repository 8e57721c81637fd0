import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { array, property as forAll, assert as property, record, string, uint8Array } from "fast-check"
import { decodeStatusDetails, encodeStatusDetails } from "./status-details.js"

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
}

describe("status details", () => {
  const detail = { typeUrl: "t/x.Y", value: Uint8Array.of(1, 2, 255) }

  it("are a google.rpc.Status on the wire", () => {
    const bytes = encodeStatusDetails({ code: "NOT_FOUND", codeNumber: 5, message: "no" }, [detail])
    assert.deepEqual(bytes, hex("08 05 12 02 6e6f 1a 0c 0a 05 742f782e59 12 03 0102ff"))
    assert.deepEqual(decodeStatusDetails(bytes), [detail])
  })

  it("leave out what is empty, and write large numbers as varints", () => {
    assert.deepEqual(encodeStatusDetails({ code: "OK", codeNumber: 0, message: "" }, []), new Uint8Array(0))
    assert.deepEqual(encodeStatusDetails({ code: "UNKNOWN", codeNumber: 300, message: "" }, []), hex("08 ac02"))
  })

  it("pass over fields that are not known", () => {
    const bytes = hex("08 05 20 96 01 29 0102030405060708 35 01020304 3a 02 ffff 1a 07 0a 05 742f782e59 1a 00")
    assert.deepEqual(decodeStatusDetails(bytes), [
      { typeUrl: "t/x.Y", value: new Uint8Array(0) },
      { typeUrl: "", value: new Uint8Array(0) },
    ])
  })

  const broken = ["1a", "1a ff", "1a 05 0a", "1aff ff ff ff ff ff ff ff ff 01", "0b", "00", "08", "80 80 80 80"]
  for (const bytes of broken) {
    it(`that are cut off or no message (${bytes}) end the list`, () =>
      assert.deepEqual(decodeStatusDetails(hex(bytes)), []))
  }

  it("keep what came before a broken part", () => {
    assert.deepEqual(decodeStatusDetails(hex("1a 07 0a 05 742f782e59 1a 40")), [
      { typeUrl: "t/x.Y", value: new Uint8Array(0) },
    ])
  })

  it("do not pin the bytes they were read from", () => {
    const [read] = decodeStatusDetails(encodeStatusDetails({ code: "OK", codeNumber: 0, message: "" }, [detail]))
    assert.equal(read!.value.buffer.byteLength, 3)
  })

  it("come back as they went, whatever they hold", () => {
    const details = array(
      record({ typeUrl: string(), value: uint8Array({ maxLength: 200 }) }, { noNullPrototype: true }),
      { maxLength: 5 },
    )
    property(
      forAll(details, string(), (list, message) => {
        const bytes = encodeStatusDetails({ code: "INTERNAL", codeNumber: 13, message }, list)
        assert.deepEqual(decodeStatusDetails(bytes), list)
      }),
    )
  })

  it("end with any bytes at all", () => {
    property(forAll(uint8Array({ maxLength: 60 }), (bytes) => void decodeStatusDetails(bytes)))
  })
})
