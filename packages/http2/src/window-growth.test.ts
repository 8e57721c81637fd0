import assert from "node:assert/strict"
import { test } from "node:test"
import { BandwidthEstimate } from "./bandwidth-estimate.js"
import { defaultLimits } from "./limits.js"
import type { Stream } from "./stream.js"
import { FrameTranscript } from "./test-support/frame-transcript.js"
import { requestFields, responseFields } from "./test-support/frames.js"
import { Recorder } from "./test-support/recorder.js"
import { SimulatedLink } from "./test-support/simulated-link.js"

const { streamWindow, connectionWindow, maxStreamWindow, maxConnectionWindow } = defaultLimits

/** A client that asks, and a server that answers each request without end. */
function download(bytesPerMillisecond: number, delay: number) {
  const client = new Recorder()
  const server = new Recorder()
  const link = new SimulatedLink(client, server, bytesPerMillisecond, delay)
  const payload = new Uint8Array(256 * 1024)
  const fill = (stream: Stream<string>) => {
    while (stream.writable) link.server.sendOwned(stream, payload, 0, payload.length, false)
  }
  server.hooks.headers = (stream) => {
    link.server.sendHeaders(stream, responseFields, undefined, false)
    fill(stream)
  }
  server.hooks.writable = fill
  /** Streams whose reader stands still, and what each has before it. */
  const still = new Map<Stream<string>, number>()
  client.hooks.data = (stream, size) => {
    const before = still.get(stream)
    if (before === undefined) link.client.consumed(stream, size)
    else still.set(stream, before + size)
  }
  const open = () => {
    const stream = link.client.openStream(requestFields, undefined, true, "download")
    assert.ok(stream)
    return stream
  }
  return { link, open, still }
}

const millisecondsAway = 50
const roundTrip = 2 * millisecondsAway

for (const megabits of [50, 100, 400]) {
  test(`after ten round trips of ${roundTrip} ms at ${megabits} Mbit/s the windows are at least the product`, () => {
    const bytesPerMillisecond = (megabits * 1e6) / 8 / 1000
    const product = bytesPerMillisecond * roundTrip
    const { link, open } = download(bytesPerMillisecond, millisecondsAway)
    link.run(roundTrip) // hands are shaken
    const stream = open()
    link.run(11 * roundTrip) // the request takes one, then DATA comes
    assert.ok(product > streamWindow, "else there is nothing to show")
    assert.ok(stream.inbound.size >= product, `${stream.inbound.size} of ${product}`)
    assert.ok(stream.inbound.size <= maxStreamWindow)
    assert.ok(link.client.counters.receiveWindow >= product)
    link.run(8 * roundTrip)
    const before = link.bytesToClient
    link.run(10 * roundTrip)
    const used = (link.bytesToClient - before) / (10 * product)
    // The sender puts 256 KiB on the path at a time, in whole milliseconds: some of them remain empty.
    assert.ok(used > 0.85, `${Math.round(used * 100)} % of the link is used`)
  })
}

test("windows do not pass their bounds, however long and fat the path", () => {
  const { link, open } = download(5_000_000, 200)
  link.run(400)
  const stream = open()
  link.run(12_000)
  assert.equal(stream.inbound.size, maxStreamWindow)
  assert.equal(link.client.counters.receiveWindow, maxConnectionWindow)
})

test("next door windows stay as they are, and hardly a PING is sent", () => {
  const { link, open } = download(100_000, 0)
  const stream = open()
  link.run(2000)
  assert.ok(link.bytesToClient > 100e6)
  assert.equal(stream.inbound.size, streamWindow)
  assert.equal(link.client.counters.receiveWindow, connectionWindow)
  assert.ok(pingsOf(link) <= 12, `${pingsOf(link)} PINGs for ${link.bytesToClient} bytes`)
})

test("PING is sent while the estimate grows, and then hardly ever", () => {
  const { link, open } = download(12_500, millisecondsAway)
  link.run(roundTrip)
  open()
  link.run(20 * roundTrip)
  const growing = pingsOf(link)
  assert.ok(growing <= 15, `${growing} PINGs in 20 round trips`)
  link.run(200 * roundTrip)
  assert.ok(pingsOf(link) - growing <= 8, `${pingsOf(link) - growing} PINGs in 200 round trips that bring nothing new`)
})

test("a reader that stands still from the beginning has the first window, whatever the others have", () => {
  const { link, open, still } = download(12_500, millisecondsAway)
  link.run(roundTrip)
  const fast = open()
  link.run(12 * roundTrip)
  const slow = open()
  still.set(slow, 0)
  link.run(20 * roundTrip)
  assert.ok(fast.inbound.size > 4 * streamWindow)
  assert.equal(slow.inbound.size, streamWindow)
  assert.equal(still.get(slow), streamWindow)
})

test("a reader that stops to read loses what its window had grown by as it goes on", () => {
  const { link, open, still } = download(12_500, millisecondsAway)
  link.run(roundTrip)
  const stream = open()
  link.run(12 * roundTrip)
  const grown = stream.inbound.size
  still.set(stream, 0)
  link.run(20 * roundTrip)
  const pinned = still.get(stream)!
  assert.ok(pinned <= grown && pinned > streamWindow, `${pinned} bytes are held, the window was ${grown}`)
  // It goes on in small sips, always with much before it: nothing comes instead of what it takes.
  for (let left = pinned; left > streamWindow; left -= 10_000) {
    link.client.consumed(stream, 10_000)
    link.run(1)
  }
  assert.ok(stream.inbound.size <= streamWindow + 10_000, `the window is ${stream.inbound.size}`)
  link.run(5 * roundTrip)
  assert.ok(stream.inbound.held <= streamWindow + 10_000, `${stream.inbound.held} bytes are held`)
})

test("all streams together grow by no more than the connection may", () => {
  const { link, open } = download(1_000_000, millisecondsAway)
  link.run(roundTrip)
  const streams = Array.from({ length: 20 }, open)
  link.run(40 * roundTrip)
  const sizes = streams.map((stream) => stream.inbound.size)
  const grown = sizes.reduce((sum, size) => sum + size - streamWindow, 0)
  assert.ok(grown > maxConnectionWindow / 2, `grown by ${grown}`)
  assert.ok(grown <= maxConnectionWindow, `grown by ${grown}`)
  for (const stream of streams) link.client.reset(stream, 8)
  const next = open()
  link.run(10 * roundTrip)
  assert.ok(next.inbound.size > streamWindow, "what the closed ones had is free again")
})

test("a busy event loop is no distance: one short round trip tells", () => {
  const estimate = new BandwidthEstimate(1000)
  let now = 0
  for (const time of [80, 80, 0, 80, 80]) {
    estimate.received(100_000)
    estimate.sent(now)
    estimate.received(500_000)
    estimate.answered((now += time))
    if (time === 0) assert.ok(estimate.product <= 80 * 500_000)
  }
  const near = new BandwidthEstimate(1000)
  for (const time of [1, 40, 40, 40]) {
    near.sent(now)
    near.received(500_000)
    near.answered((now += time))
  }
  assert.equal(near.product, 0)
})

function pingsOf(link: SimulatedLink): number {
  return new FrameTranscript().read(link.sentByClient).filter((line) => /^PING [^A]/.test(line)).length
}
