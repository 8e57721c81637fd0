import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { inspect } from "node:util"
import {
  array,
  constantFrom,
  property as forAll,
  oneof,
  assert as property,
  string,
  tuple,
  uint8Array,
} from "fast-check"
import { Metadata, type MetadataValue } from "./metadata.js"

function wire(metadata: Metadata): string[] {
  const fields: string[] = []
  metadata.appendTo(fields)
  return fields
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

describe("metadata", () => {
  it("17. reads -bin values padded and unpadded, and writes them unpadded", () => {
    const received = Metadata.fromFields(["a-bin", "Zg==", "a-bin", "Zg"])
    assert.deepEqual(received.getAll("a-bin"), [bytes("f"), bytes("f")])
    assert.deepEqual(wire(received), ["a-bin", "Zg", "a-bin", "Zg"])
  })

  it("17. leaves out a -bin value that is no base64", () => {
    assert.deepEqual(
      [...Metadata.fromFields(["a-bin", "*", "a-bin", "Zg", "b", "c"])],
      [
        ["a-bin", bytes("f")],
        ["b", "c"],
      ],
    )
  })

  it("18. splits -bin values on commas before decoding, and no others", () => {
    const received = Metadata.fromFields(["a-bin", "Zg==,Zm8, Zm9v", "a", "x, y"])
    assert.deepEqual(received.getAll("a-bin"), [bytes("f"), bytes("fo"), bytes("foo")])
    assert.deepEqual(received.getAll("a"), ["x, y"])
  })

  it("19. keeps the order among values of one key", () => {
    const metadata = new Metadata({ a: ["1", "2"] }).append("b", "x").append("A", "3")
    assert.deepEqual(metadata.getAll("a"), ["1", "2", "3"])
    assert.equal(metadata.get("a"), "1")
    assert.deepEqual(wire(metadata), ["a", "1", "a", "2", "b", "x", "a", "3"])
  })

  it("20. takes values that HTTP allows and gRPC does not, and sends them back as they came", () => {
    const received = Metadata.fromFields(["a", "gr\xfc\xdf\tdich"])
    assert.equal(received.get("a"), "gr\xfc\xdf\tdich")
    assert.deepEqual(wire(new Metadata({ b: "1" }).merge(received)), ["b", "1", "a", "gr\xfc\xdf\tdich"])
    assert.deepEqual(wire(new Metadata(received)), ["a", "gr\xfc\xdf\tdich"])
  })

  const forApplications = [
    "grpc-previous-rpc-attempts",
    "grpc-retry-pushback-ms",
    "grpc-status-details-bin",
    "grpc-trace-bin",
    "grpc-tags-bin",
  ]
  for (const key of forApplications) {
    it(`21. ${key} is for applications`, () => {
      const value = key.endsWith("-bin") ? Uint8Array.of(1) : "1"
      const onWire = key.endsWith("-bin") ? "AQ" : "1"
      assert.deepEqual(wire(new Metadata({ [key]: value })), [key, onWire])
      assert.deepEqual([...Metadata.fromFields([key, onWire])], [[key, value]])
    })
  }

  const reserved = ["grpc-status", "grpc-message", "grpc-timeout", "grpc-encoding", "grpc-", "grpc-x-bin", "GRPC-Foo"]
  for (const key of [
    ...reserved,
    "content-type",
    "te",
    "user-agent",
    "host",
    "content-length",
    ":path",
    ":authority",
  ]) {
    it(`21. ${key} is refused`, () => {
      const value = key.endsWith("-bin") ? Uint8Array.of(1) : "1"
      assert.throws(() => new Metadata({ [key]: value }), TypeError)
      assert.throws(() => new Metadata().set(key, value), TypeError)
      assert.throws(() => new Metadata().append(key, value), TypeError)
    })
  }

  it("21. hides the protocol's own on receipt", () => {
    const fields = [...reserved.map((key) => key.toLowerCase()), "content-type", "te"].flatMap((key) => [key, "AQ"])
    assert.deepEqual([...Metadata.fromFields([...fields, "x-own", "1"])], [["x-own", "1"]])
  })

  it("reads keys whatever their case", () => {
    const metadata = new Metadata({ "X-Token": "1" })
    assert.equal(metadata.get("x-token"), "1")
    assert.equal(metadata.get("X-TOKEN"), "1")
    assert.equal(metadata.has("x-Token"), true)
    assert.deepEqual([...metadata], [["x-token", "1"]])
    metadata.delete("X-TOKEN")
    assert.equal(metadata.size, 0)
  })

  it("sets in place of all values there were", () => {
    const metadata = new Metadata({ a: ["1", "2"], b: "3" }).set("a", "4")
    assert.deepEqual(
      [...metadata],
      [
        ["b", "3"],
        ["a", "4"],
      ],
    )
    assert.throws(() => metadata.set("a", "\n"), TypeError)
    assert.equal(metadata.get("a"), "4")
  })

  it("copies, so that the copy can change", () => {
    const first = new Metadata({ a: "1" })
    const second = new Metadata(first).append("a", "2")
    assert.equal(first.size, 1)
    assert.equal(second.size, 2)
  })

  for (const key of ["", "a b", "ä", "a\r\nb", "a\0", "a:b", "a(b"]) {
    it(`refuses the key ${JSON.stringify(key)}`, () => assert.throws(() => new Metadata().append(key, "1"), TypeError))
  }

  for (const value of ["a\r\nb: c", "a\nb", "a\rb", "a\0b", "a\x7fb", "\x1b[0m", "grün", "a\tb", "\ud800"]) {
    it(`refuses the value ${JSON.stringify(value)}`, () => {
      assert.throws(() => new Metadata({ a: value }), TypeError)
      assert.throws(() => new Metadata().append("a", value), TypeError)
    })
  }

  it("takes spaces off the ends of text, as HTTP/2 does not carry them", () => {
    assert.deepEqual(wire(new Metadata({ a: "  b c ", d: "" })), ["a", "b c", "d", ""])
  })

  it("wants bytes for -bin keys and text for others, and says so", () => {
    assert.throws(() => new Metadata({ "a-bin": "text" }), /"a-bin" must be bytes/)
    assert.throws(() => new Metadata({ a: Uint8Array.of(1) }), /"a" must be text/)
    assert.throws(() => new Metadata({ a: 5 as unknown as string }), /"a" must be text/)
    assert.throws(() => new Metadata({ a: undefined as unknown as string }), TypeError)
    assert.throws(() => new Metadata({ "a-bin": [1, 2] as unknown as string }), TypeError)
  })

  for (const key of ["__proto__", "constructor", "tostring", "hasownproperty", "0", "-1", "then"]) {
    it(`takes ${key} for a key like any other`, () => {
      const metadata = Metadata.fromFields([key, "1"]).append(key, "2")
      assert.deepEqual(metadata.getAll(key), ["1", "2"])
      assert.equal(new Metadata().get(key), undefined)
      assert.equal(new Metadata().has(key), false)
      assert.equal(Object.getPrototypeOf(metadata), Metadata.prototype)
      assert.equal(({} as Record<string, unknown>)["1"], undefined)
    })
  }

  for (const init of [new Map([["a", "b"]]), [["a", "b"]], new Headers({ a: "b" }), new Set(["a"])]) {
    it(`is not made of a ${init.constructor.name}, which would be lost unseen`, () => {
      assert.throws(() => new Metadata(init as never), {
        name: "TypeError",
        message:
          "metadata is made of a plain object, { key: value }, or of other Metadata; of pairs Object.fromEntries(pairs) makes one",
      })
    })
  }

  it("is not made of what is no object", () => {
    for (const init of ["a", 5, null]) {
      assert.throws(() => new Metadata(init as never), /^TypeError: metadata is made of a plain object.*Metadata$/)
    }
  })

  it("is shown by console.log and JSON without its secrets", () => {
    const metadata = new Metadata({
      authorization: "Bearer top-secret",
      "x-id": ["1", "2"],
      "x-bin": bytes("top-secret"),
    })
    const shown = { authorization: "(17 bytes)", "x-id": "1, 2", "x-bin": "(10 bytes)" }
    assert.deepEqual(JSON.parse(JSON.stringify({ metadata })), { metadata: shown })
    const text = inspect({ error: Object.assign(new Error("no"), { trailers: metadata }) }, { depth: 9 })
    assert.doesNotMatch(text, /top-secret/)
    assert.match(text, /trailers: Metadata {\s+authorization: '\(17 bytes\)'/)
    assert.equal(metadata.get("authorization"), "Bearer top-secret")
  })

  it("comes back from the wire as it went", () => {
    const key = string({ unit: constantFrom(..."abcxyz0189_-."), minLength: 1, maxLength: 8 })
    const text = string({ unit: "grapheme-ascii" }).map((value) => value.trim())
    const entry = oneof(
      tuple(key, text),
      tuple(
        key.map((name) => `${name}-bin`),
        uint8Array({ maxLength: 40 }),
      ),
    ).filter(
      ([name, value]) => !/^(grpc-|te$|host$)/.test(name) && name.endsWith("-bin") === value instanceof Uint8Array,
    )
    property(
      forAll(array(entry as typeof entry, { maxLength: 12 }), (entries) => {
        const metadata = new Metadata()
        for (const [name, value] of entries) metadata.append(name, value as MetadataValue)
        assert.deepEqual([...Metadata.fromFields(wire(metadata))], entries)
      }),
    )
  })
})
