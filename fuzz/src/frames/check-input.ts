import assert from "node:assert/strict"
import { defaultLimits, type Role } from "@farcall/http2"
import { framesIn, preface } from "../wire/frame.js"
import { Endpoint, type Manner } from "./endpoint.js"
import { type Heard, hear, OutputChecker } from "./output-checker.js"

/** What a peer sends to an endpoint in `role`, in turns: after each, what the endpoint has to say is taken and written. */
export interface Input {
  readonly role: Role
  readonly turns: readonly Uint8Array[]
}

/** How an input ended, for statistics. */
export interface Outcome {
  readonly end: string
  readonly frames: number
  readonly events: number
}

/** Checks every property on one input. @throws AssertionError, or whatever the engine threw */
export function checkInput(input: Input): Outcome {
  const whole = play(input, "steady", false)
  const bytewise = play(input, "steady", true)
  assert.deepEqual(told(bytewise), told(whole), "a byte at a time is not the same as whole")
  play(input, "pressing", false)
  const { endpoint } = whole
  const { framesReceived } = endpoint.connection.counters
  return {
    end: endpoint.events.find((line) => line.startsWith("close")) ?? "open",
    frames: framesReceived,
    events: endpoint.events.length,
  }
}

/** What was told. The beginning of a DATA frame is, before its end turns out to be at fault; that alone may differ. */
function told({ endpoint: { events } }: { endpoint: Endpoint }): string[] {
  return events.filter((line, i) => {
    const [what, stream] = line.split(" ")
    return what !== "data" || !events[i + 1]?.startsWith(`reset ${stream} PROTOCOL_ERROR by local`)
  })
}

function play({ role, turns }: Input, manner: Manner, bytewise: boolean): { endpoint: Endpoint } {
  const endpoint = new Endpoint(role, manner)
  const { connection } = endpoint
  const checker = new OutputChecker(role)
  const heard = whatAllSay(role, turns)
  let bytes = 0
  let now = 1
  for (const turn of turns) {
    if (endpoint.closed) break
    deliver(endpoint, turn, bytewise, now)
    bytes += turn.length
    checkBounds(endpoint, bytes)
    takeAll(endpoint, checker, heard)
    now += 10
  }
  if (endpoint.closed) checkEnd(endpoint, checker, now)
  else {
    connection.receiveEnd(now)
    assert.equal(endpoint.closed, true, "the end of the pipe closes the connection")
  }
  return { endpoint }
}

function deliver(endpoint: Endpoint, turn: Uint8Array, bytewise: boolean, now: number): void {
  const { connection } = endpoint
  if (!bytewise) {
    connection.receive(turn, 0, turn.length, now)
    return
  }
  // Each chunk is somebody else's as soon as `receive` has returned. What is long comes in crumbs, for the sake of time.
  const chunk = new Uint8Array(10)
  const most = turn.length > 2000 ? 8 : 1
  for (let at = 0; at < turn.length; ) {
    const stop = Math.min(turn.length, at + 1 + (at % most))
    chunk.fill(0xee)
    for (let i = at; i < stop; i++) chunk[1 + i - at] = turn[i]!
    connection.receive(chunk, 1, 1 + stop - at, now)
    at = stop
  }
}

function takeAll(endpoint: Endpoint, checker: OutputChecker, heard: Heard): void {
  const { connection } = endpoint
  // Output that is written makes room for more; each round is a turn of the event loop.
  for (let round = 0; round < 200; round++) {
    endpoint.hasMore = false
    const segments = connection.takeOutput()
    checker.read(segments, heard)
    if (segments.length > 0) connection.written()
    if (!endpoint.hasMore) return
  }
  assert.fail("the output has no end")
}

/** Memory and work that an input of so many bytes may have cost, whatever is in it. */
function checkBounds({ connection, callbacks, headerCharacters }: Endpoint, bytes: number): void {
  const { framesReceived, framesSent, bytesHeld, pendingOutput, inboundHeld, waitingStreams } = connection.counters
  const { maxHeaderListSize, maxConcurrentStreams, streamWindow } = defaultLimits
  assert.ok(framesReceived <= bytes / 9 + 1, `${framesReceived} frames of ${bytes} bytes`)
  assert.ok(
    framesSent <= 100 + 4 * framesReceived + bytes / 100,
    `${framesSent} frames sent, ${framesReceived} received`,
  )
  assert.ok(callbacks <= 100 + 4 * framesReceived + bytes, `${callbacks} callbacks for ${framesReceived} frames`)
  assert.ok(headerCharacters <= framesReceived * maxHeaderListSize, `${headerCharacters} characters of headers`)
  assert.ok(bytesHeld <= bytes && bytesHeld <= 16_393 + 4 * maxHeaderListSize + 250 * streamWindow, `${bytesHeld} held`)
  // Flow control counts a frame as soon as it begins.
  assert.ok(inboundHeld <= bytes + defaultLimits.maxFrameSize, `${inboundHeld} bytes unread of ${bytes}`)
  assert.ok(waitingStreams <= 4 * maxConcurrentStreams, `${waitingStreams} streams wait`)
  const mostOutput = 2 * defaultLimits.outputHighWater + 21_000 * (framesReceived + 5)
  assert.ok(pendingOutput <= mostOutput, `${pendingOutput} bytes of output`)
}

/** A connection that has ended by itself: what it said last, and that it hears nothing more. */
function checkEnd(endpoint: Endpoint, checker: OutputChecker, now: number): void {
  const { connection, error, callbacks } = endpoint
  if (error !== undefined) assert.equal(checker.goAwayCode, error.code, "the last word is GOAWAY with the error's code")
  const { framesReceived } = connection.counters
  const more = new Uint8Array(100)
  connection.receive(more, 0, more.length, now)
  connection.advance(now + 1e6)
  connection.receiveEnd(now + 1e6)
  assert.equal(connection.counters.framesReceived, framesReceived, "nothing is parsed after the end")
  assert.equal(endpoint.callbacks, callbacks, "nothing is told after the end")
  assert.deepEqual(connection.takeOutput(), [], "nothing is said after the end")
}

/** Everything is heard before anything is checked: the bounds on answers are upper ones. */
function whatAllSay(role: Role, turns: readonly Uint8Array[]): Heard {
  const heard: Heard = {
    pings: 0,
    settings: 0,
    credit: 0,
    maxFrameSize: 16_384,
    highestStream: role === "client" ? 7 : 0,
  }
  const bytes = Buffer.concat(turns)
  hear(heard, bytes, role === "server" ? preface.length : 0)
  return heard
}

/** Cuts bytes into turns at whole frames, `perTurn` of them in each. */
export function turnsOf(bytes: Uint8Array, from: number, perTurn: number): Uint8Array[] {
  const frames = framesIn(bytes, from)
  const turns: Uint8Array[] = []
  let start = 0
  for (let i = perTurn - 1; i < frames.length - 1; i += perTurn) {
    turns.push(bytes.subarray(start, frames[i]!.stop))
    start = frames[i]!.stop
  }
  turns.push(bytes.subarray(start))
  return turns
}
