import type { Client } from "../client/client.js"
import type { ByteSink, MessageCodec, MethodDefinition, ServiceDefinition } from "../core/service.js"
import type { Servicer } from "../server/servicer.js"
import { textsOf } from "./outcome.js"

/** A message of the tests' own: a text, on the wire as its UTF-8. */
export interface Text {
  text: string
}

/** The core knows nothing of protobuf: any codec will do. Text beginning with "?" cannot be read, nor "!" be written. */
export const TextCodec: MessageCodec<Text> = {
  typeName: "test.Text",
  encode(message: Text, sink: ByteSink, position: number): number {
    if (typeof message?.text !== "string" || message.text.startsWith("!"))
      throw new TypeError("text: not to be written")
    const bytes = Buffer.from(message.text)
    if (position + bytes.length > sink.limit) {
      const grown = new Uint8Array(position + bytes.length)
      grown.set(sink.buffer.subarray(sink.start, position), sink.start)
      sink.buffer = grown
      sink.limit = grown.length
    }
    sink.buffer.set(bytes, position)
    return position + bytes.length
  },
  decode(bytes: Uint8Array, start: number, stop: number): Text {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString()
    if (text.startsWith("?")) throw new Error("text: not to be read")
    return { text }
  },
}

type Method<Kind extends "unary" | "clientStreaming" | "serverStreaming" | "bidiStreaming"> = MethodDefinition<
  Kind,
  Text,
  Text,
  Text,
  Text
>

function method<Kind extends "unary" | "clientStreaming" | "serverStreaming" | "bidiStreaming">(
  kind: Kind,
  name: string,
): Method<Kind> {
  return { name, path: `/test.Parrot/${name}`, kind, input: TextCodec, output: TextCodec }
}

/** A service with a method of each kind. */
export const Parrot: ServiceDefinition<{
  say: Method<"unary">
  gather: Method<"clientStreaming">
  repeat: Method<"serverStreaming">
  chat: Method<"bidiStreaming">
}> = {
  typeName: "test.Parrot",
  methods: {
    say: method("unary", "Say"),
    gather: method("clientStreaming", "Gather"),
    repeat: method("serverStreaming", "Repeat"),
    chat: method("bidiStreaming", "Chat"),
  },
}

/** A parrot that answers what it was asked, each kind in its way. */
export const talkative: Servicer<typeof Parrot> = {
  say: ({ text }) => ({ text: `${text}!` }),
  async gather(requests) {
    return { text: (await textsOf(requests)).join("") }
  },
  *repeat({ text }) {
    for (let i = 0; i < 3; i++) yield { text: text + i }
  },
  async *chat(requests) {
    for await (const { text } of requests) yield { text: text.toUpperCase() }
  },
}

/** A call of each kind, with as little as there can be in it. */
export function callEach(client: Client<typeof Parrot>): Promise<unknown>[] {
  return [client.say({ text: "" }), client.gather([]), textsOf(client.repeat({ text: "" })), textsOf(client.chat([]))]
}
