import { propagation, trace } from "@opentelemetry/api"
import { createChannel, createClient } from "../index.js"
import type { ServerContext } from "../server/context.js"
import { serveWorker } from "../server/workers/serve-worker.js"
import { Parrot, type Text } from "./parrot.js"
import { TelemetryScene, withContexts } from "./telemetry-scene.js"

// A Parrot on a worker thread that tells what it sees of its call's span. `?contexts`: contexts follow what is awaited there.

const scene = new TelemetryScene()
const { searchParams } = new URL(import.meta.url)
if (searchParams.has("contexts")) withContexts()

/** What is told of it, as JSON. */
export interface SeenContext {
  readonly span: { readonly traceId: string; readonly spanId: string; readonly state: string | undefined } | undefined
  readonly baggage: readonly (readonly [string, string, string | undefined])[]
}

function seen(): Text {
  const span = trace.getActiveSpan()?.spanContext()
  const entries = propagation.getActiveBaggage()?.getAllEntries() ?? []
  const content: SeenContext = {
    span: span && { traceId: span.traceId, spanId: span.spanId, state: span.traceState?.serialize() },
    baggage: entries.map(([key, { value, metadata }]) => [key, value, metadata?.toString()]),
  }
  return { text: JSON.stringify(content) }
}

serveWorker(
  Parrot,
  {
    /** Where there is an address, calls the parrot there, as part of its call if it has `parent` in its metadata. */
    async say({ text: address }, context: ServerContext) {
      if (address === "") return seen()
      await using channel = createChannel(address, { tracers: [scene.tracer] })
      const parent = context.metadata.get("parent") === undefined ? undefined : context
      return await createClient(Parrot, channel).say({ text: "" }, { parent })
    },
    async *repeat() {
      yield seen()
      await Promise.resolve()
      yield seen()
    },
  },
  searchParams.has("untraced") ? {} : { tracers: [scene.tracer] },
)
