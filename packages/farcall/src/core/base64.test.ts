import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { property as forAll, assert as property, uint8Array } from "fast-check"
import { decodeBase64, encodeBase64 } from "./base64.js"

describe("base64", () => {
  // RFC 4648 §10, without the padding on the left.
  const vectors: readonly [written: string, padded: string, text: string][] = [
    ["", "", ""],
    ["Zg", "Zg==", "f"],
    ["Zm8", "Zm8=", "fo"],
    ["Zm9v", "Zm9v", "foo"],
    ["Zm9vYg", "Zm9vYg==", "foob"],
    ["Zm9vYmE", "Zm9vYmE=", "fooba"],
    ["Zm9vYmFy", "Zm9vYmFy", "foobar"],
  ]
  for (const [written, padded, text] of vectors) {
    it(`17. ${JSON.stringify(text)} is written ${JSON.stringify(written)}, and read with and without padding`, () => {
      const bytes = new TextEncoder().encode(text)
      assert.equal(encodeBase64(bytes), written)
      assert.deepEqual(decodeBase64(written), bytes)
      assert.deepEqual(decodeBase64(padded), bytes)
    })
  }

  it("writes the alphabet with + and /", () => {
    assert.equal(encodeBase64(Uint8Array.of(0xfb, 0xff, 0xbf)), "+/+/")
  })

  for (const text of ["Z", "Zm9vY", "Zm9v!", "Z=g=", "Zg=", "%", "\u0000"]) {
    it(`says that ${JSON.stringify(text)} is none`, () => assert.equal(decodeBase64(text), undefined))
  }

  it("gives back any bytes", () => {
    property(
      forAll(uint8Array({ maxLength: 300 }), (bytes) => {
        const text = encodeBase64(bytes)
        assert.equal(text.includes("="), false)
        assert.deepEqual(decodeBase64(text), bytes)
      }),
    )
  })
})
