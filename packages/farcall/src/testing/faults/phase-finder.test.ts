import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { callPhases } from "./fault.js"
import { FrameReader, type PassingFrame, PREFACE_LENGTH, splitData } from "./passing-frame.js"
import { type Direction, PhaseFinder } from "./phase-finder.js"

function frame(type: number, flags: number, streamId: number, ...payload: number[]): number[] {
  return [0, 0, payload.length, type, flags, 0, 0, 0, streamId, ...payload]
}

const preface = [...Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
const message = (...body: number[]): number[] => [0, 0, 0, 0, body.length, ...body]

/** A call with two messages each way, the first request in two DATA frames. */
const requests = [
  ...preface,
  ...frame(4, 0, 0),
  ...frame(1, 4, 1, 0x82),
  ...frame(0, 0, 1, ...message(1, 2, 3, 4).slice(0, 3)),
  ...frame(0, 0, 1, ...message(1, 2, 3, 4).slice(3), ...message(5)),
  ...frame(0, 1, 1),
]
const responses = [
  ...frame(4, 0, 0),
  ...frame(1, 4, 1, 0x88),
  ...frame(0, 0, 1, ...message(1, 2)),
  ...frame(0, 0, 1, ...message()),
  ...frame(1, 5, 1, 0xbf),
]

function framesIn(bytes: readonly number[], prefaceLength: number, step: number): PassingFrame[] {
  const reader = new FrameReader(prefaceLength)
  const whole = Uint8Array.from(bytes)
  const frames: PassingFrame[] = []
  for (let at = 0; at < whole.length; at += step) {
    frames.push(...reader.read(whole, at, Math.min(at + step, whole.length)))
  }
  return frames
}

describe("a frame reader", () => {
  for (const step of [1, 7, 1_000]) {
    it(`gives whole frames, whatever the chunks: ${step} bytes at a time`, () => {
      const frames = framesIn(requests, PREFACE_LENGTH, step)
      assert.deepEqual(
        frames.map(({ type, flags, streamId }) => [type, flags, streamId]),
        [
          [-1, 0, 0],
          [4, 0, 0],
          [1, 4, 1],
          [0, 0, 1],
          [0, 0, 1],
          [0, 1, 1],
        ],
      )
      assert.deepEqual(
        frames.flatMap(({ bytes }) => [...bytes]),
        requests,
      )
    })
  }

  it("leaves END_STREAM to the second of two frames of one", () => {
    const [data] = framesIn(frame(0, 1, 3, 1, 2, 3), 0, 100)
    const [first, second] = splitData(data!, 9 + 1)
    assert.deepEqual([...first], frame(0, 0, 3, 1))
    assert.deepEqual([...second], frame(0, 1, 3, 2, 3))
  })
})

describe("a phase finder", () => {
  /** Which of a direction's frames, and where in it. */
  const places: Record<(typeof callPhases)[number], readonly [Direction, frame: number, offset: number]> = {
    "request headers": ["requests", 2, 0],
    // Three bytes of the prefix came in the frame before: two of it, and half of the body.
    "request message": ["requests", 4, 9 + 2 + 2],
    "between requests": ["requests", 4, 9 + 2 + 4],
    "response headers": ["responses", 1, 0],
    "response message": ["responses", 2, 9 + 5 + 1],
    "between responses": ["responses", 2, 9 + 5 + 2],
    trailers: ["responses", 4, 0],
  }
  for (const phase of callPhases) {
    it(`finds ${phase}, and nothing else`, () => {
      const finder = new PhaseFinder(phase)
      const found: [Direction, number, number][] = []
      for (const [direction, frames] of [
        ["requests", framesIn(requests, PREFACE_LENGTH, 1_000)],
        ["responses", framesIn(responses, 0, 1_000)],
      ] as const) {
        for (const [i, one] of frames.entries()) {
          const offset = finder.find(direction, one)
          if (offset !== undefined) found.push([direction, i, offset])
        }
      }
      assert.deepEqual(found, [places[phase]])
    })
  }

  it("finds a byte of a direction, the preface counted", () => {
    const finder = new PhaseFinder({ direction: "requests", byte: PREFACE_LENGTH + 9 + 3 })
    for (const one of framesIn(responses, 0, 1_000)) assert.equal(finder.find("responses", one), undefined)
    const found = framesIn(requests, PREFACE_LENGTH, 1_000).map((one) => finder.find("requests", one))
    assert.deepEqual(found, [undefined, undefined, 3, undefined, undefined, undefined])
  })
})
