import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import { describe, it } from "node:test"
import { frame, headers, ping, preface, settings, Type } from "../wire/frame.js"
import { headerBlock, request } from "../wire/header-block.js"
import { HpackReader } from "../wire/hpack-reader.js"
import { checkInput } from "./check-input.js"
import { type Heard, OutputChecker } from "./output-checker.js"
import { runFrames } from "./run.js"

const fixtures = new URL("../../fixtures/", import.meta.url)

interface Fixture {
  readonly role: "client" | "server"
  /** Hexadecimal. */
  readonly turns: readonly string[]
}

describe("frames of hostile peers", () => {
  it("keep every property, 50,000 times", () => {
    const { inputs, frames, ends } = runFrames({ inputs: 50_000, seed: 1 })
    assert.equal(inputs, 50_000)
    // The inputs say something: most are understood for a while, and they end in every way that there is.
    assert.ok(frames > 10 * inputs, `${frames} frames`)
    for (const code of ["PROTOCOL", "FLOW_CONTROL", "FRAME_SIZE", "COMPRESSION"]) {
      assert.ok((ends.get(`close ${code}_ERROR`) ?? 0) > 100, `${code}_ERROR: ${ends.get(`close ${code}_ERROR`)}`)
    }
    for (const end of ["close NO_ERROR", "close STREAM_CLOSED", "close ENHANCE_YOUR_CALM"]) {
      assert.ok((ends.get(end) ?? 0) > 100, `${end}: ${ends.get(end)}`)
    }
  })
})

describe("inputs that once broke something", async () => {
  for (const name of (await readdir(fixtures)).filter((file) => file.endsWith(".json"))) {
    it(name, async () => {
      const { role, turns } = JSON.parse(await readFile(new URL(name, fixtures), "utf8")) as Fixture
      checkInput({ role, turns: turns.map((hex) => new Uint8Array(Buffer.from(hex, "hex"))) })
    })
  }
})

describe("the reader of output", () => {
  const heard: Heard = { pings: 0, settings: 0, credit: 0, maxFrameSize: 16_384, highestStream: 5 }
  const status = headerBlock([":status", "200"])
  const wrong: Record<string, readonly Uint8Array[]> = {
    "does not begin with SETTINGS": [ping()],
    "answers a PING that was not sent": [settings(), ping(true)],
    "acknowledges SETTINGS that were not sent": [settings(), frame(Type.settings, 1, 0, [])],
    "sends on an idle stream": [settings(), headers(7, status)],
    "sends behind the end of a stream": [settings(), headers(1, status, true), frame(Type.data, 0, 1, [1])],
    "sends more than the window": [
      settings(),
      headers(1, status),
      ...Array(5).fill(frame(0, 0, 1, Buffer.alloc(16_384))),
    ],
    "cuts a frame off": [settings(), ping().subarray(0, 12)],
    "sends a frame that is too large": [settings(), headers(1, status), frame(0, 0, 1, Buffer.alloc(16_385))],
    "puts a frame into a header block": [settings(), frame(Type.headers, 0, 1, status), frame(Type.priority, 0, 1, [])],
    "sends a block that is none": [settings(), headers(1, [0xff, 0xff, 0xff])],
    "sends an upper-case name": [settings(), headers(1, headerBlock(["X", "y"]))],
  }
  for (const [what, frames] of Object.entries(wrong)) {
    it(`notices an endpoint that ${what}`, () => {
      assert.throws(() => new OutputChecker("server").read(frames, heard))
    })
  }

  it("lets pass what is right", () => {
    const checker = new OutputChecker("client")
    checker.read([preface, settings(), headers(1, request("/a")), frame(Type.data, 1, 1, [1, 2])], heard)
    assert.equal(checker.frames, 3)
  })

  it("reads Huffman strings and tables as RFC 7541 C.4 has them", () => {
    const reader = new HpackReader()
    const blocks = ["828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf"]
    const read = blocks.map((hex) => reader.read(Buffer.from(hex, "hex")))
    assert.deepEqual(read[0]?.[3], [":authority", "www.example.com"])
    assert.deepEqual(read[1]?.slice(3), [
      [":authority", "www.example.com"],
      ["cache-control", "no-cache"],
    ])
  })
})
