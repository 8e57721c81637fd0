import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import { CompositePropagator } from "@opentelemetry/core"
import { StatusError } from "../core/status-error.js"
import type { Servicer } from "../server/servicer.js"
import { failureOf, Gate, textsOf, until } from "../test-support/outcome.js"
import { Parrot, type Text } from "../test-support/parrot.js"
import { hedgingPolicy, retryPair, retryPolicy, Watched } from "../test-support/retry-pair.js"
import { TelemetryScene, w3c, withContexts, within } from "../test-support/telemetry-scene.js"
import { createTestPair, type TestPairOptions } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { grpcTraceBinPropagator, type OpenTelemetryOptions, openTelemetry } from "./index.js"

async function traced(
  servicer: Partial<Servicer<typeof Parrot>>,
  options: OpenTelemetryOptions = {},
  more: TestPairOptions = {},
) {
  const scene = new TelemetryScene(options)
  const pair = await createTestPair(Parrot, servicer, {
    ...more,
    server: { onHandlerError: () => {}, tracers: [scene.tracer], ...more.server },
    channel: { tracers: [scene.tracer], ...more.channel },
  })
  return Object.assign(pair, { scene })
}

const parrot: Servicer<typeof Parrot> = {
  say: (request) => request,
  gather: async (requests) => ({ text: (await textsOf(requests)).join("") }),
  *repeat(request) {
    yield request
    yield request
  },
  chat: (requests) => requests,
}

describe("spans", () => {
  let restore: () => void
  before(() => {
    restore = withContexts()
  })
  after(() => restore())

  it("follow calls of all four kinds from the client by its attempt to the server", async () => {
    await using pair = await traced(parrot)
    const { client, scene } = pair
    await client.say({ text: "a" })
    await client.gather([{ text: "a" }])
    await textsOf(client.repeat({ text: "a" }))
    await textsOf(client.chat([{ text: "a" }]))
    await until(() => scene.spans.length === 12)
    for (const method of ["Say", "Gather", "Repeat", "Chat"]) {
      assert.deepEqual(scene.tree.filter((line) => line.includes(method)).toSorted(), [
        `Attempt.test.Parrot.${method} < Sent.test.Parrot.${method}`,
        `Recv.test.Parrot.${method} < Attempt.test.Parrot.${method}`,
        `Sent.test.Parrot.${method}`,
      ])
    }
    assert.equal(new Set(scene.spans.map((span) => span.spanContext().traceId)).size, 4)
  })

  it("have the attributes of the semantic conventions", async () => {
    await using pair = await traced(parrot, {}, { transport: "tcp" })
    await pair.client.say({ text: "a" })
    const spans = await pair.scene.named(3)
    const sent = spans.get("Sent.test.Parrot.Say")!
    const attempt = spans.get("Attempt.test.Parrot.Say")!
    const received = spans.get("Recv.test.Parrot.Say")!
    const port = Number(pair.channel.target.split(":").at(-1))
    const rpc = { "rpc.system.name": "grpc", "rpc.method": "test.Parrot/Say", "rpc.status_code": "OK" }
    assert.deepEqual({ ...sent.attributes }, { ...rpc, "server.address": "127.0.0.1", "server.port": port })
    assert.deepEqual(
      { ...attempt.attributes },
      {
        "previous-rpc-attempts": 0,
        "transparent-retry": false,
        "network.peer.address": "127.0.0.1",
        "network.peer.port": port,
        "network.transport": "tcp",
        "rpc.status_code": "OK",
      },
    )
    const { "network.peer.port": from, ...others } = received.attributes
    assert.ok(typeof from === "number" && from !== port)
    assert.deepEqual(others, {
      ...rpc,
      "server.address": "127.0.0.1",
      "server.port": port,
      "network.peer.address": "127.0.0.1",
      "network.transport": "tcp",
    })
    assert.deepEqual([sent.kind, attempt.kind, received.kind], [SpanKind.CLIENT, SpanKind.INTERNAL, SpanKind.SERVER])
    assert.deepEqual(sent.status, { code: SpanStatusCode.UNSET })
  })

  it("can have the names and attributes of the conventions alone, or of their old edition", async () => {
    await using pair = await traced(parrot, { spans: "rpc", conventions: "old" })
    await pair.client.say({ text: "a" })
    await until(() => pair.scene.spans.length === 2)
    assert.deepEqual(pair.scene.tree, ["test.Parrot/Say < test.Parrot/Say", "test.Parrot/Say"])
    const [server, client] = pair.scene.spans
    assert.deepEqual([server!.kind, client!.kind], [SpanKind.SERVER, SpanKind.CLIENT])
    const old = { "rpc.system": "grpc", "rpc.service": "test.Parrot", "rpc.method": "Say", "rpc.grpc.status_code": 0 }
    for (const [key, value] of Object.entries(old)) {
      assert.equal(server!.attributes[key], value)
      assert.equal(client!.attributes[key], value)
    }
    assert.equal(client!.attributes["rpc.system.name"], undefined)
  })

  it("say how each code counts on each side", async () => {
    await using pair = await traced({
      say: ({ text }, { abort }) => (abort as (code: never, message: string) => never)(text as never, "as asked"),
    })
    const errors: string[][] = []
    const codes = ["CANCELLED", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "INTERNAL", "UNAVAILABLE"]
    for (const code of codes) {
      pair.scene.reset()
      await failureOf(pair.client.say({ text: code }))
      const spans = await pair.scene.named(3)
      const failed = [...spans.values()].filter((span) => span.status.code === SpanStatusCode.ERROR)
      errors.push([code, ...failed.map((span) => span.name.split(".")[0]!).toSorted()])
      assert.equal(spans.get("Sent.test.Parrot.Say")!.status.message, "as asked")
      assert.equal(spans.get("Sent.test.Parrot.Say")!.attributes["error.type"], code)
      assert.equal(spans.get("Recv.test.Parrot.Say")!.attributes["rpc.status_code"], code)
    }
    assert.deepEqual(errors, [
      ["CANCELLED", "Attempt", "Sent"],
      ["INVALID_ARGUMENT", "Attempt", "Sent"],
      ["DEADLINE_EXCEEDED", "Attempt", "Recv", "Sent"],
      ["NOT_FOUND", "Attempt", "Sent"],
      ["INTERNAL", "Attempt", "Recv", "Sent"],
      ["UNAVAILABLE", "Attempt", "Recv", "Sent"],
    ])
  })

  it("record what a handler threw, on the server alone", async () => {
    await using pair = await traced({
      say: () => {
        throw new RangeError("a slip")
      },
    })
    await failureOf(pair.client.say({ text: "" }))
    const spans = await pair.scene.named(3)
    const [event] = spans.get("Recv.test.Parrot.Say")!.events
    assert.deepEqual(
      [event?.name, event?.attributes?.["exception.type"], event?.attributes?.["exception.message"]],
      ["exception", "RangeError", "a slip"],
    )
    assert.deepEqual(spans.get("Sent.test.Parrot.Say")!.events, [])
  })

  it("have an event for each message, where that is wanted", async () => {
    await using pair = await traced(parrot, { messageEvents: true }, { client: { compression: "gzip" } })
    const text = "x".repeat(4000)
    await pair.client.gather([{ text: "a" }, { text }])
    const spans = await pair.scene.named(3)
    const shown = (name: string) =>
      spans.get(name)!.events.map(({ name: event, attributes }) => {
        const { "sequence-number": number, "message-size": size, "message-size-compressed": wire } = attributes!
        return [event, number, size, Number(wire) < Number(size) ? "fewer" : "as many or more"]
      })
    const messages = (sent: string, received: string) => [
      [`${sent} compressed message`, 1, 1, "as many or more"],
      [`${sent} compressed message`, 2, 4000, "fewer"],
      [`${received} compressed message`, 1, 4001, "as many or more"],
    ]
    assert.deepEqual(shown("Attempt.test.Parrot.Gather"), messages("Outbound", "Inbound"))
    assert.deepEqual(shown("Recv.test.Parrot.Gather"), messages("Inbound", "Outbound"))
    assert.deepEqual(shown("Sent.test.Parrot.Gather"), [])
  })

  it("of attempts say which they are", async () => {
    const scene = new TelemetryScene()
    let calls = 0
    await using pair = retryPair(
      {
        say: (request) => {
          if (++calls < 3) throw new StatusError("UNAVAILABLE", "not yet")
          return request
        },
      },
      { method: { retryPolicy }, channel: { tracers: [scene.tracer] } },
    )
    const call = new Watched(pair.client.say({ text: "a" }))
    await pair.clock.advance(10_000)
    await call.done
    const attempts = scene.spans.filter(({ name }) => name.startsWith("Attempt"))
    assert.deepEqual(
      attempts.map(({ attributes, status }) => [
        attributes["previous-rpc-attempts"],
        attributes["rpc.status_code"],
        status.code,
      ]),
      [
        [0, "UNAVAILABLE", SpanStatusCode.ERROR],
        [1, "UNAVAILABLE", SpanStatusCode.ERROR],
        [2, "OK", SpanStatusCode.UNSET],
      ],
    )
    assert.equal(scene.spans.at(-1)!.attributes["rpc.status_code"], "OK")
  })

  it("of hedges run beside each other, each with its own context at the server", async () => {
    const scene = new TelemetryScene()
    const parents: (string | undefined)[] = []
    const gate = new Gate()
    await using pair = retryPair(
      {
        async say(request, { metadata }) {
          parents.push(metadata.get("traceparent"))
          if (parents.length === 1) await gate.opened
          return request
        },
      },
      { method: { hedgingPolicy }, channel: { tracers: [scene.tracer] } },
    )
    const call = new Watched(pair.client.say({ text: "a" }))
    await pair.clock.advance(1500)
    await call.done
    gate.open()
    const attempts = scene.spans.filter(({ name }) => name.startsWith("Attempt"))
    assert.deepEqual(
      attempts.map(({ attributes }) => [attributes["previous-rpc-attempts"], attributes["rpc.status_code"]]),
      [
        [0, "CANCELLED"],
        [1, "OK"],
      ],
    )
    assert.deepEqual(
      parents,
      attempts.map((span) => `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`),
    )
  })

  it("of calls that are cancelled, or pass their deadline, end on both sides", async () => {
    let came = 0
    const clock = virtualClock()
    const say = (): Promise<Text> => {
      came++
      return new Promise(() => {})
    }
    await using pair = await traced({ say }, {}, { clock })
    const { client, scene } = pair
    const overdue = failureOf(client.say({ text: "" }, { timeoutMs: 20 }))
    await until(() => came === 1)
    await clock.advance(20)
    await overdue
    const late = await scene.named(3)
    assert.equal(late.get("Sent.test.Parrot.Say")!.attributes["rpc.status_code"], "DEADLINE_EXCEEDED")
    scene.reset()
    const abortion = new AbortController()
    const call = failureOf(client.say({ text: "" }, { signal: abortion.signal }))
    setImmediate(() => abortion.abort())
    await call
    const cancelled = await scene.named(2)
    assert.equal(cancelled.get("Attempt.test.Parrot.Say")!.attributes["rpc.status_code"], "CANCELLED")
  })
})

describe("contexts", () => {
  let restore: () => void
  before(() => {
    restore = withContexts()
  })
  after(() => restore())

  it("run handlers of all kinds, so that what they begin, and call, are children of their span", async () => {
    const within: string[] = []
    const note = (): void => {
      const span = trace.getActiveSpan() as unknown as { name: string } | undefined
      within.push(span?.name ?? "none")
    }
    await using pair = await traced(
      {
        async say(request) {
          note()
          await new Promise((resolve) => setImmediate(resolve))
          note()
          return pair.client.gather([request])
        },
        async gather(requests) {
          const texts = await textsOf(requests)
          note()
          return { text: texts.join("") }
        },
        async *repeat(request) {
          note()
          for (let i = 0; i < 3; i++) {
            yield request
            await new Promise((resolve) => setImmediate(resolve))
            note()
          }
        },
        async *chat(requests) {
          for await (const request of requests) {
            note()
            yield request
          }
        },
      },
      {},
      {
        server: {
          interceptors: [
            (next) => async (call) => {
              note()
              return next(call)
            },
          ],
        },
      },
    )
    const { client, scene } = pair
    await client.say({ text: "a" })
    await textsOf(client.repeat({ text: "a" }))
    await textsOf(client.chat([{ text: "a" }, { text: "b" }]))
    const of = (method: string, count: number) => Array(count).fill(`Recv.test.Parrot.${method}`)
    assert.deepEqual(within, [...of("Say", 3), ...of("Gather", 2), ...of("Repeat", 5), ...of("Chat", 3)])
    assert.ok(scene.tree.includes("Sent.test.Parrot.Gather < Recv.test.Parrot.Say"))
    assert.equal(trace.getActiveSpan(), undefined)
  })

  it("that are active at a client's call are its parents, with their baggage", async () => {
    const baggage: unknown[] = []
    await using pair = await traced({
      say: (request) => {
        baggage.push(propagation.getActiveBaggage()?.getEntry("tenant")?.value)
        return request
      },
    })
    const { scene, client } = pair
    const span = scene.provider.getTracer("test").startSpan("work")
    const scope = propagation.setBaggage(
      trace.setSpan(ROOT_CONTEXT, span),
      propagation.createBaggage({ tenant: { value: "Zürich & Co" } }),
    )
    await within(scope, () => client.say({ text: "" }))
    span.end()
    await until(() => scene.spans.length === 4)
    assert.ok(scene.tree.includes("Sent.test.Parrot.Say < work"))
    assert.deepEqual(baggage, ["Zürich & Co"])
  })

  it("go by W3C's headers, and malformed ones are as none", async () => {
    await using pair = await traced(parrot)
    const { scene, client } = pair
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
    // The client makes no spans of its own, and sends what it is told to.
    const plain = await createTestPair(Parrot, parrot, { server: { tracers: [scene.tracer] } })
    await plain.client.say(
      { text: "" },
      { metadata: { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: "a=1" } },
    )
    const first = (await scene.named(1)).get("Recv.test.Parrot.Say")!
    assert.deepEqual(
      [first.spanContext().traceId, first.parentSpanContext?.spanId, first.spanContext().traceState?.serialize()],
      [traceId, "00f067aa0ba902b7", "a=1"],
    )
    for (const traceparent of ["", "00-xyz", `00-${traceId}-00f067aa0ba902b7`, `ff-${traceId}-00f067aa0ba902b7-01`]) {
      scene.reset()
      await plain.client.say({ text: "" }, { metadata: { traceparent } })
      assert.equal((await scene.named(1)).get("Recv.test.Parrot.Say")!.parentSpanContext, undefined, traceparent)
    }
    await plain.close()
    await client.say({ text: "" })
  })

  it("go by grpc-trace-bin as well, beside other propagators", async () => {
    const propagator = new CompositePropagator({ propagators: [grpcTraceBinPropagator, w3c] })
    let sent: string[] = []
    await using pair = await traced(
      {
        say: (request, { metadata }) => {
          sent = [...metadata].map(([key]) => key).filter((key) => key !== "user-agent")
          return request
        },
      },
      { propagator },
    )
    await pair.client.say({ text: "" })
    assert.deepEqual(sent, ["grpc-trace-bin", "traceparent"])
    await using old = await traced(parrot, { propagator: grpcTraceBinPropagator })
    await old.client.say({ text: "" })
    await until(() => old.scene.spans.length === 3)
    assert.ok(old.scene.tree.includes("Recv.test.Parrot.Say < Attempt.test.Parrot.Say"))
    old.scene.reset()
    await using plain = await createTestPair(Parrot, parrot, { server: { tracers: [old.scene.tracer] } })
    await plain.client.say({ text: "" }, { metadata: { "grpc-trace-bin": Uint8Array.of(0, 1, 2) } })
    assert.equal((await old.scene.named(1)).get("Recv.test.Parrot.Say")!.parentSpanContext, undefined)
  })
})

describe("without a context manager", () => {
  it("a call with { parent: context } is a child of its handler's span all the same", async () => {
    assert.equal(context.active(), ROOT_CONTEXT)
    await using pair = await traced({
      say: (request, context): Promise<{ text: string }> => pair.client.gather([request], { parent: context }),
      gather: parrot.gather,
    })
    await pair.client.say({ text: "a" })
    await until(() => pair.scene.spans.length === 6)
    assert.ok(pair.scene.tree.includes("Sent.test.Parrot.Gather < Recv.test.Parrot.Say"))
  })
})

describe("without an SDK", () => {
  it("calls are not looked at, until one has registered", async () => {
    const tracer = openTelemetry()
    assert.equal(tracer.enabled, false)
    await using pair = await createTestPair(Parrot, parrot, {
      server: { tracers: [tracer] },
      channel: { tracers: [tracer] },
    })
    await pair.client.say({ text: "" })
    const scene = new TelemetryScene()
    trace.setGlobalTracerProvider(scene.provider)
    try {
      assert.equal(tracer.enabled, true)
      await pair.client.say({ text: "" })
      await until(() => scene.spans.length === 3)
      // Nothing has been registered to carry contexts.
      assert.ok(scene.tree.includes("Recv.test.Parrot.Say"))
    } finally {
      trace.disable()
    }
  })

  it("options of no such value are refused", () => {
    assert.throws(() => openTelemetry({ spans: "otel" as never }), /spans is "otel", and must be of "grpc", "rpc"/)
    assert.throws(() => openTelemetry({ metrics: ["all" as never] }), /metrics is "all"/)
    assert.throws(() => openTelemetry({ conventions: "new" as never }), /conventions is "new"/)
  })
})
