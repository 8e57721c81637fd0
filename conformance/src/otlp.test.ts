import assert from "node:assert/strict"
import { test } from "node:test"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc"
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { createServer, StatusError } from "farcall"
import { openTelemetry } from "farcall/opentelemetry"
import { createTestPair } from "farcall/testing"
import { Tallies } from "./gen/tally_grpc.js"
import { TraceService } from "./gen/trace_collector_grpc.js"
import { type AnyValue, type Span, Span_Kind, SpanStatus_Code } from "./gen/trace_collector_pb.js"

/** A collector of OTLP that is ours, to which the SDK's own exporter speaks gRPC. */
async function collector() {
  const spans: Span[] = []
  const resources: string[] = []
  const server = createServer()
  server.add(TraceService, {
    export({ resourceSpans }) {
      for (const { resource, scopeSpans } of resourceSpans) {
        for (const { key, value } of resource?.attributes ?? []) if (key === "service.name") resources.push(text(value))
        for (const { scope, spans: some } of scopeSpans) if (scope?.name === "farcall") spans.push(...some)
      }
      return {}
    },
  })
  const address = await server.listen("127.0.0.1:0")
  return { spans, resources, address, [Symbol.asyncDispose]: () => server.shutdown() }
}

test("spans of our calls reach a collector that is ours by the SDK's exporter", { timeout: 20_000 }, async () => {
  await using collected = await collector()
  const exporter = new OTLPTraceExporter({ url: `http://${collected.address}`, timeoutMillis: 5000 })
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const tracers = [openTelemetry({ tracerProvider: provider, meterProvider: false, messageEvents: true })]
  {
    await using pair = await createTestPair(
      Tallies,
      {
        vote: ({ choice }) => {
          if (choice === "") throw new StatusError("INVALID_ARGUMENT", "no choice")
          return { votes: { [choice]: 1n } }
        },
      },
      { server: { tracers }, channel: { tracers } },
    )
    await pair.client.vote({ choice: "a" })
    await assert.rejects(pair.client.vote({ choice: "" }))
  }
  await provider.forceFlush()
  await provider.shutdown()

  const { spans } = collected
  assert.deepEqual(
    spans.map(({ name }) => name).toSorted(),
    ["Attempt", "Attempt", "Recv", "Recv", "Sent", "Sent"].map((side) => `${side}.farcall.tally.Tallies.Vote`),
  )
  assert.match(collected.resources[0]!, /^unknown_service/)
  const sent = spans.filter(({ name }) => name.startsWith("Sent"))
  assert.deepEqual(
    sent.map(({ kind, status }) => [kind, status?.code, status?.message]),
    [
      [Span_Kind.CLIENT, SpanStatus_Code.UNSET, ""],
      [Span_Kind.CLIENT, SpanStatus_Code.ERROR, "no choice"],
    ],
  )
  const attributes = new Map(sent[1]!.attributes.map(({ key, value }) => [key, text(value)]))
  assert.equal(attributes.get("rpc.method"), "farcall.tally.Tallies/Vote")
  assert.equal(attributes.get("rpc.status_code"), "INVALID_ARGUMENT")
  for (const { name, startTimeUnixNano, endTimeUnixNano } of spans)
    assert.ok(endTimeUnixNano >= startTimeUnixNano, name)
  // One message there, one back; the first call's attempt has both.
  const attempt = spans.find(({ name }) => name.startsWith("Attempt"))!
  assert.deepEqual(
    attempt.events.map(({ name }) => name),
    ["Outbound compressed message", "Inbound compressed message"],
  )
})

function text(value: AnyValue | undefined): string {
  return String(value?.value.value)
}
