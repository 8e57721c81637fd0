import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { StreamingCallBase } from "../../client/call-handle.js"
import type { Client } from "../../client/client.js"
import { Metadata } from "../../core/metadata.js"
import { StatusError } from "../../core/status-error.js"
import type { Servicer } from "../../server/servicer.js"
import { Parrot, type Text } from "../../test-support/parrot.js"
import { createTestPair } from "../test-pair.js"
import { mockClient } from "./mock-client.js"

// What a call shows over a mock client is what it shows over HTTP/2: each scene runs both ways, and is compared.

type Parrots = Client<typeof Parrot>

interface Scene {
  readonly servicer: Partial<Servicer<typeof Parrot>>
  /** What is seen of the calls that it makes. */
  play(client: Parrots): Promise<unknown>
}

const details = [{ typeUrl: "type.googleapis.com/x.Y", value: Uint8Array.of(0, 255) }]
const failure = new StatusError("ALREADY_EXISTS", "é %", {
  details,
  trailers: new Metadata({ "why-bin": details[0]!.value }),
})

const scenes: Record<string, Scene> = {
  "a reply with headers and trailers": {
    servicer: {
      say({ text }, context) {
        context.responseHeaders.append("h", "1").append("h", "2").set("b-bin", Uint8Array.of(1))
        context.responseTrailers.set("t", text)
        return { text }
      },
    },
    play: (client) => ended((options) => client.say({ text: "hi" }, options)),
  },
  "metadata on its way there": {
    servicer: {
      say(_, { metadata }) {
        // What the transport says of itself: here is none.
        metadata.delete("user-agent")
        return { text: JSON.stringify(entriesOf(metadata)) }
      },
    },
    play: (client) =>
      ended((options) =>
        client.say({ text: "" }, { ...options, metadata: { a: [" 1 ", "2"], "b-bin": Uint8Array.of(7) } }),
      ),
  },
  "an error before anything": {
    servicer: {
      say() {
        throw failure
      },
    },
    play: (client) => ended((options) => client.say({ text: "" }, options)),
  },
  "an error behind the headers": {
    servicer: {
      say(_, context) {
        context.responseHeaders.set("h", "1")
        context.sendHeaders()
        return context.abort("DATA_LOSS", "gone")
      },
    },
    play: (client) => ended((options) => client.say({ text: "" }, options)),
  },
  "a stream that ends in an error": {
    servicer: {
      *repeat({ text }) {
        yield { text }
        yield { text }
        throw failure
      },
    },
    play: (client) => streamed(client.repeat({ text: "r" })),
  },
  "a stream of nothing": { servicer: { repeat: () => [] }, play: (client) => streamed(client.repeat({ text: "" })) },
  "requests that are not read": {
    servicer: { gather: () => ({ text: "enough" }) },
    async play(client) {
      const call = client.gather()
      await call.write({ text: "a" })
      const reply = await call.response
      return [reply, await call.write({ text: "b" }), (await call.status).code]
    },
  },
  "requests that fail": {
    servicer: {
      async gather(requests) {
        for await (const _ of requests);
        return { text: "" }
      },
    },
    play: (client) => ended((options) => client.gather(failing(), options)),
  },
  "a call to and fro": {
    servicer: {
      async *chat(requests) {
        for await (const { text } of requests) yield { text: text.toUpperCase() }
      },
    },
    async play(client) {
      const chat = client.chat()
      const replies = chat[Symbol.asyncIterator]()
      const seen: unknown[] = []
      for (const text of ["a", "b", "c"]) {
        seen.push(await chat.write({ text }), await replies.next())
      }
      chat.end()
      seen.push(await replies.next(), await chat.status)
      await assert.rejects(chat.write({ text: "d" }), TypeError)
      return seen
    },
  },
  "a message that cannot be written, each way": {
    servicer: { say: ({ text }) => ({ text: text.replace("bad", "!") }) },
    play: async (client) => [
      await ended((options) => client.say({ text: "!" }, options)),
      await ended((options) => client.say({ text: "bad" }, options)),
    ],
  },
  "a method that is not there": {
    servicer: {},
    play: async (client) => [
      await ended((options) => client.say({ text: "" }, options)),
      await streamed(client.chat()),
    ],
  },
  "more messages than a window holds": {
    servicer: {
      async *chat(requests) {
        for await (const { text } of requests) for (let i = 0; i < 3; i++) yield { text: text + i }
      },
    },
    async play(client) {
      const requests = Array.from({ length: 60 }, (_, i) => ({ text: `${i}`.padEnd(3_000, ".") }))
      const call = client.chat(requests)
      let bytes = 0
      for await (const { text } of call) bytes += text.length
      return [bytes, (await call.status).code]
    },
  },
}

describe("a call of a mock client shows what one over HTTP/2 does", () => {
  for (const [name, { servicer, play }] of Object.entries(scenes)) {
    it(name, async () => {
      await using pair = await createTestPair(Parrot, servicer)
      assert.deepEqual(await play(mockClient(Parrot, servicer)), await play(pair.client))
    })
  }
})

interface Listening {
  onHeader(headers: Metadata): void
  onTrailer(trailers: Metadata): void
}

/** All that is seen of a call with one response. */
async function ended(call: (options: Listening) => Promise<Text>): Promise<unknown> {
  let headers: unknown
  let trailers: unknown
  const outcome = await call({
    onHeader: (came) => (headers = entriesOf(came)),
    onTrailer: (came) => (trailers = entriesOf(came)),
  }).catch(seenOf)
  return { outcome, headers, trailers }
}

/** All that is seen of one with a stream of them. */
async function streamed(call: StreamingCallBase & AsyncIterable<Text>): Promise<unknown> {
  const texts: string[] = []
  let error: unknown
  try {
    for await (const { text } of call) texts.push(text)
  } catch (caught) {
    error = seenOf(caught)
  }
  const [status, trailers] = await Promise.all([call.status, call.trailers])
  return { texts, error, status, trailers: entriesOf(trailers), headers: await call.headers.then(entriesOf, seenOf) }
}

function seenOf(error: unknown): unknown {
  assert.ok(error instanceof StatusError, String(error))
  const { code, codeNumber, message, details, trailers, attempts } = error
  return { code, codeNumber, message, details: plain(details), trailers: trailers && entriesOf(trailers), attempts }
}

function entriesOf(metadata: Metadata): unknown {
  return plain([...metadata])
}

/** Bytes as numbers, whatever kind of array holds them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}

function* failing(): Iterable<Text> {
  yield { text: "a" }
  throw new RangeError("no more")
}
