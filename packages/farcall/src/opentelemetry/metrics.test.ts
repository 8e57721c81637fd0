import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { metrics } from "@opentelemetry/api"
import { type DataPoint, DataPointType, type Histogram, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics"
import { createClient } from "../client/client.js"
import { bytesMethod } from "../core/bytes-codec.js"
import { type Clock, systemClock } from "../core/clock.js"
import { StatusError } from "../core/status-error.js"
import type { FallbackHandler } from "../server/router.js"
import { failureOf, textsOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { hedgingPolicy, retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { createTestPair } from "../testing/test-pair.js"
import { calledTarget } from "./addresses.js"
import { CallMetricProducer, latencyBounds, type OpenTelemetryOptions, openTelemetry, sizeBounds } from "./index.js"

/** Metrics of the real SDK, read when they are asked for. */
class Reading extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

type Point = Pick<DataPoint<number | Histogram>, "attributes" | "value">

class MetricsScene {
  readonly tracer: ReturnType<typeof openTelemetry>
  private readonly reader: Reading

  constructor(by: "instruments" | "producer", options: OpenTelemetryOptions = {}) {
    const producer = by === "producer" ? new CallMetricProducer() : undefined
    this.reader = new Reading(producer === undefined ? {} : { metricProducers: [producer] })
    const provider = new MeterProvider({ readers: [this.reader] })
    this.tracer = openTelemetry({ tracerProvider: false, meterProvider: producer ?? provider, ...options })
  }

  async read(): Promise<Map<string, { readonly unit: string; readonly points: Point[] }>> {
    const { resourceMetrics, errors } = await this.reader.collect()
    assert.deepEqual(errors, [])
    const found = new Map<string, { unit: string; points: Point[] }>()
    for (const { metrics } of resourceMetrics.scopeMetrics) {
      for (const metric of metrics) {
        if (metric.descriptor.name.startsWith("otel.")) continue
        const points = metric.dataPoints as Point[]
        found.set(metric.descriptor.name, { unit: metric.descriptor.unit, points })
        if (metric.dataPointType === DataPointType.SUM) assert.equal(metric.isMonotonic, true)
      }
    }
    return found
  }
}

function counts(points: readonly Point[]): unknown[] {
  return points.map(({ attributes, value }) => [attributes, typeof value === "number" ? value : value.count])
}

for (const by of ["instruments", "producer"] as const) {
  describe(`gRPC's metrics, by ${by}`, () => {
    it("are those of A66, on both sides", async () => {
      const scene = new MetricsScene(by)
      await using pair = await createTestPair(
        Parrot,
        {
          say: ({ text }) => {
            if (text === "fail") throw new StatusError("NOT_FOUND", "as asked")
            return { text }
          },
          chat: (requests) => requests,
        },
        { server: { tracers: [scene.tracer] }, channel: { tracers: [scene.tracer] } },
      )
      const { client, channel } = pair
      await client.say({ text: "abc" })
      await client.say({ text: "abc" })
      await failureOf(client.say({ text: "fail" }))
      await textsOf(client.chat([{ text: "x".repeat(2000) }, { text: "y" }]))
      const found = await scene.read()
      assert.deepEqual([...found].map(([name, { unit }]) => `${name} ${unit}`).toSorted(), [
        "grpc.client.attempt.duration s",
        "grpc.client.attempt.rcvd_total_compressed_message_size By",
        "grpc.client.attempt.sent_total_compressed_message_size By",
        "grpc.client.attempt.started {attempt}",
        "grpc.client.call.duration s",
        "grpc.server.call.duration s",
        "grpc.server.call.rcvd_total_compressed_message_size By",
        "grpc.server.call.sent_total_compressed_message_size By",
        "grpc.server.call.started {call}",
      ])
      const say = { "grpc.method": "test.Parrot/Say" }
      const chat = { "grpc.method": "test.Parrot/Chat" }
      const target = { "grpc.target": calledTarget(channel.target).uri }
      assert.deepEqual(counts(found.get("grpc.client.attempt.started")!.points), [
        [{ ...say, ...target }, 3],
        [{ ...chat, ...target }, 1],
      ])
      assert.deepEqual(counts(found.get("grpc.server.call.started")!.points), [
        [say, 3],
        [chat, 1],
      ])
      for (const name of ["grpc.client.attempt.duration", "grpc.client.call.duration"]) {
        assert.deepEqual(counts(found.get(name)!.points), [
          [{ ...say, ...target, "grpc.status": "OK" }, 2],
          [{ ...say, ...target, "grpc.status": "NOT_FOUND" }, 1],
          [{ ...chat, ...target, "grpc.status": "OK" }, 1],
        ])
      }
      assert.deepEqual(counts(found.get("grpc.server.call.duration")!.points), [
        [{ ...say, "grpc.status": "OK" }, 2],
        [{ ...say, "grpc.status": "NOT_FOUND" }, 1],
        [{ ...chat, "grpc.status": "OK" }, 1],
      ])
      const sent = found.get("grpc.client.attempt.sent_total_compressed_message_size")!.points
      const [ok, failed, streamed] = sent.map(({ value }) => value as Histogram)
      assert.deepEqual([ok!.sum, ok!.min, ok!.max, ok!.count], [6, 3, 3, 2])
      assert.equal(failed!.sum, 4)
      assert.deepEqual([streamed!.sum, streamed!.buckets.counts.indexOf(1)], [2001, 2])
      assert.deepEqual(streamed!.buckets.boundaries, sizeBounds)
      const duration = found.get("grpc.client.call.duration")!.points[0]!.value as Histogram
      assert.deepEqual(duration.buckets.boundaries, latencyBounds)
      assert.ok(duration.sum! > 0 && duration.sum! < 60)
      const received = found.get("grpc.server.call.rcvd_total_compressed_message_size")!.points
      assert.equal((received[2]!.value as Histogram).sum, 2001)
    })

    it("of retries and hedges are measured by the channel's clock", async () => {
      const scene = new MetricsScene(by, { metrics: ["grpc", "grpc-retries"] })
      let calls = 0
      const servicer = {
        say: (request: { text: string }) => {
          if (++calls % 3 !== 0) throw new StatusError("UNAVAILABLE", "not yet")
          return request
        },
      }
      for (const method of [{ retryPolicy }, { hedgingPolicy }]) {
        await using pair = retryPair(servicer, { method, channel: { tracers: [scene.tracer] } })
        const call = new Watched(pair.client.say({ text: "a" }))
        await pair.clock.advance(10_000)
        await call.done
      }
      const found = await scene.read()
      const sums = (name: string) => found.get(name)?.points.map(({ value }) => (value as Histogram).sum)
      const labels = { "grpc.method": "test.Parrot/Say", "grpc.target": "dns:///pair" }
      assert.deepEqual(counts(found.get("grpc.client.attempt.started")!.points), [[labels, 6]])
      assert.deepEqual(counts(found.get("grpc.client.attempt.duration")!.points), [
        [{ ...labels, "grpc.status": "UNAVAILABLE" }, 4],
        [{ ...labels, "grpc.status": "OK" }, 2],
      ])
      assert.deepEqual(sums("grpc.client.call.retries"), [2])
      assert.deepEqual(sums("grpc.client.call.retry_delay"), [3])
      assert.deepEqual(sums("grpc.client.call.hedges"), [2])
      assert.equal(found.get("grpc.client.call.transparent_retries"), undefined)
      // 1 s and 2 s between retries; failures that are not fatal bring the next hedge at once.
      assert.deepEqual(sums("grpc.client.call.duration"), [3])
    })

    it("measure from the wire to the wire, by turns", async () => {
      const scene = new MetricsScene(by)
      let now = 0
      const clock: Clock = { ...systemClock, now: () => now }
      const both = { server: { tracers: [scene.tracer] }, channel: { tracers: [scene.tracer] } }
      const compute = (ms: number) => void (now += ms)
      await using pair = await createTestPair(
        Parrot,
        {
          say(request) {
            compute(1000)
            return request
          },
        },
        { clock, ...both },
      )
      const { client } = pair
      const calls = [client.say({ text: "a" }), client.say({ text: "b" })]
      compute(300)
      await Promise.all(calls)
      const found = await scene.read()
      const sums = (name: string) =>
        found.get(name)?.points.map(({ value }) => [(value as Histogram).count, (value as Histogram).sum])
      // Both answers leave when both handlers have computed; what the client computes before its requests leave is its own.
      assert.deepEqual(sums("grpc.server.call.duration"), [[2, 4]])
      assert.deepEqual(sums("grpc.client.call.duration"), [[2, 4]])
      assert.deepEqual(sums("grpc.client.attempt.duration"), [[2, 4]])
    })

    it("record nobody's methods, and targets that are not wanted, as other", async () => {
      const plain = new MetricsScene(by)
      const chosen = new MetricsScene(by, {
        recordMethod: (method) => method.startsWith("test."),
        recordTarget: () => false,
      })
      const tracers = [plain.tracer, chosen.tracer]
      const fallback: FallbackHandler = async function* () {}
      await using pair = await createTestPair(Parrot, {}, { server: { tracers, fallback }, channel: { tracers } })
      const strangers = {
        known: bytesMethod("/test.Strange/Known", "bidiStreaming"),
        other: bytesMethod("/strange.Other/Call", "bidiStreaming"),
      }
      const client = createClient({ typeName: "test.Strange", methods: strangers }, pair.channel)
      for await (const _ of client.known([])) assert.fail("it answers nothing")
      for await (const _ of client.other([])) assert.fail("it answers nothing")
      const seen = async (scene: MetricsScene, name: string, label: string): Promise<unknown[]> =>
        (await scene.read()).get(name)!.points.map(({ attributes }) => attributes[label])
      for (const name of ["grpc.server.call.started", "grpc.client.attempt.started"]) {
        assert.deepEqual(await seen(plain, name, "grpc.method"), ["other"])
        assert.deepEqual(await seen(chosen, name, "grpc.method"), ["test.Strange/Known", "other"])
      }
      assert.deepEqual(await seen(chosen, "grpc.client.attempt.started", "grpc.target"), ["other", "other"])
    })

    it("can be those of the semantic conventions", async () => {
      const scene = new MetricsScene(by, { metrics: ["rpc", "rpc-old"] })
      await using pair = await createTestPair(
        Parrot,
        {
          say: ({ text }) => {
            if (text === "fail") throw new StatusError("NOT_FOUND", "as asked")
            return { text }
          },
        },
        { server: { tracers: [scene.tracer] }, channel: { tracers: [scene.tracer] } },
      )
      await pair.client.say({ text: "abc" })
      await failureOf(pair.client.say({ text: "fail" }))
      const found = await scene.read()
      const rpc = { "rpc.system.name": "grpc", "rpc.method": "test.Parrot/Say" }
      const { address, port } = calledTarget(pair.channel.target)
      const at = { "server.address": address, ...(port !== undefined && { "server.port": port }) }
      assert.deepEqual(counts(found.get("rpc.client.call.duration")!.points), [
        [{ ...rpc, ...at, "rpc.status_code": "OK" }, 1],
        [{ ...rpc, ...at, "rpc.status_code": "NOT_FOUND", "error.type": "NOT_FOUND" }, 1],
      ])
      assert.deepEqual(counts(found.get("rpc.server.call.duration")!.points), [
        [{ ...rpc, "rpc.status_code": "OK" }, 1],
        [{ ...rpc, "rpc.status_code": "NOT_FOUND" }, 1],
      ])
      assert.equal(found.get("rpc.server.call.duration")!.unit, "s")
      const old = { "rpc.system": "grpc", "rpc.service": "test.Parrot", "rpc.method": "Say", "rpc.grpc.status_code": 0 }
      assert.deepEqual(found.get("rpc.server.duration")!.points[0]!.attributes, old)
      assert.equal(found.get("rpc.server.duration")!.unit, "ms")
      const sum = (name: string) => (found.get(name)!.points[0]!.value as Histogram).sum
      assert.deepEqual(
        [
          "rpc.client.request.size",
          "rpc.server.request.size",
          "rpc.client.response.size",
          "rpc.server.responses_per_rpc",
        ].map(sum),
        [3, 3, 3, 1],
      )
    })
  })
}

describe("a global provider of metrics", () => {
  it("is used as soon as it is registered", async () => {
    const tracer = openTelemetry()
    assert.equal(tracer.enabled, false)
    const reader = new Reading()
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
    try {
      assert.equal(tracer.enabled, true)
      await using pair = await createTestPair(Parrot, { say: (request) => request }, { server: { tracers: [tracer] } })
      await pair.client.say({ text: "" })
      const { resourceMetrics } = await reader.collect()
      const names = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics.map(({ descriptor }) => descriptor.name),
      )
      assert.ok(names.includes("grpc.server.call.started"))
    } finally {
      metrics.disable()
    }
  })
})
