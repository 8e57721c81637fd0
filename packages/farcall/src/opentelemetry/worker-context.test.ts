import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { createTraceState, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api"
import { Metadata } from "../core/metadata.js"
import { createServer } from "../server/server.js"
import { textsOf, until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { TelemetryScene } from "../test-support/telemetry-scene.js"
import type { SeenContext } from "../test-support/traced-parrot-worker.js"
import { createTestPair } from "../testing/test-pair.js"
import { openTelemetry } from "./index.js"
import { putContext, takeContext } from "./worker-context.js"

/** The thread's module, as it is to behave. It is imported by another, for threads take no query. */
function worker(query: string): URL {
  const module = new URL(`../test-support/traced-parrot-worker.js?${query}`, import.meta.url)
  return new URL(`data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(module.href)}`)}`)
}

const traced = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  tracestate: "vendor=opaque",
  baggage: "user=ann;secret,place=%C3%BC",
}

describe("a worker thread's handlers", () => {
  it("run in the context of their server's span, with its baggage, before and after they wait", async () => {
    const scene = new TelemetryScene()
    const options = { workers: 1, server: { tracers: [scene.tracer] } }
    await using pair = await createTestPair(Parrot, worker("contexts"), options)
    const { text } = await pair.client.say({ text: "" }, { metadata: new Metadata(traced) })
    const texts = [text, ...(await textsOf(pair.client.repeat({ text: "" }, { metadata: new Metadata(traced) })))]
    const received = await scene.named(2)
    const [said, repeated] = [received.get("Recv.test.Parrot.Say")!, received.get("Recv.test.Parrot.Repeat")!]
    for (const [i, recv] of [said, repeated, repeated].entries()) {
      const { traceId, spanId } = recv.spanContext()
      const { span, baggage } = JSON.parse(texts[i]!) as SeenContext
      assert.equal(traceId, "0af7651916cd43dd8448eb211c80319c")
      assert.deepEqual(span, { traceId, spanId, state: "vendor=opaque" })
      assert.deepEqual(baggage, [
        ["user", "ann", "secret"],
        ["place", "ü", ""],
      ])
    }
  })

  for (const [how, query, metadata] of [
    ["where contexts follow what is awaited", "contexts", {}],
    ["with { parent: context }, without that", "", { parent: "yes" }],
  ] as const) {
    it(`make calls that are children of their server's span, ${how}`, async () => {
      const scene = new TelemetryScene()
      await using asked = createServer({ tracers: [scene.tracer] })
      let sent: string | undefined
      asked.add(Parrot, {
        say: (request, context) => {
          sent = context.metadata.get("traceparent")
          return request
        },
      })
      const address = (await asked.listen("127.0.0.1:0")).toString()
      const options = { workers: 1, server: { tracers: [scene.tracer] } }
      await using pair = await createTestPair(Parrot, worker(query), options)
      await pair.client.say({ text: address }, { metadata })
      await until(() => scene.spans.length === 2, "the spans")
      // The one that was asked ends first. Its parent is the attempt, a span of the thread's own SDK.
      const [inner, outer] = scene.spans
      assert.equal(inner!.spanContext().traceId, outer!.spanContext().traceId)
      assert.equal(sent, `00-${outer!.spanContext().traceId}-${inner!.parentSpanContext!.spanId}-01`)
      assert.notEqual(inner!.parentSpanContext!.spanId, outer!.spanContext().spanId)
    })
  }

  it("run in no context where they are not traced, on either side", async () => {
    const scene = new TelemetryScene()
    for (const [query, tracers] of [
      ["contexts", []],
      ["contexts", [openTelemetry({ tracerProvider: false, meterProvider: false })]],
      ["contexts&untraced", [scene.tracer]],
    ] as const) {
      await using pair = await createTestPair(Parrot, worker(query), { workers: 1, server: { tracers } })
      const { text } = await pair.client.say({ text: "" })
      assert.deepEqual(JSON.parse(text), { baggage: [] })
    }
  })
})

describe("a context on its way to a worker thread", () => {
  it("arrives as it was", () => {
    const span = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 0 }
    for (const sent of [span, { ...span, traceState: createTraceState("a=1,b=2") }]) {
      const carried = new Metadata()
      putContext(trace.setSpanContext(ROOT_CONTEXT, sent), carried)
      const taken = takeContext(carried)!
      const { traceState, ...rest } = trace.getSpanContext(taken)!
      assert.deepEqual(rest, span)
      assert.equal(traceState?.serialize(), sent === span ? undefined : "a=1,b=2")
      assert.equal(propagation.getBaggage(taken), undefined)
    }
  })

  it("is none where there is no span", () => {
    const carried = new Metadata()
    putContext(ROOT_CONTEXT, carried)
    assert.equal(carried.size, 0)
    assert.equal(takeContext(carried), undefined)
  })
})
