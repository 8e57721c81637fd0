import { withReason } from "./reason.js"
import type { ByteSink, MessageCodec, MethodDefinition, MethodKind } from "./service.js"

/** A method whose messages stay the bytes that they are on the wire. */
export type BytesMethod<Kind extends MethodKind> = MethodDefinition<
  Kind,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array
>

/**
 * A method of which nothing is known but its path: for proxies, and for calls without generated code.
 * @param path as on the wire: `/helloworld.Greeter/SayHello`
 * @param kind of a method that one does not know: `"bidiStreaming"`, which on the wire includes the others
 * @throws TypeError for a path that is none
 */
export function bytesMethod<Kind extends MethodKind>(path: string, kind: Kind): BytesMethod<Kind> {
  const name = /^\/[^/]+\/([^/]+)$/.exec(path)?.[1]
  if (name === undefined)
    throw withReason(
      "FARCALL_BAD_SERVICE",
      new TypeError(`${JSON.stringify(path)} does not have the form /package.Service/Method`),
    )
  return { name, path, kind, input: new BytesCodec("bytes"), output: new BytesCodec("bytes") }
}

/** The codec of messages that stay their bytes. */
export class BytesCodec implements MessageCodec<Uint8Array> {
  readonly typeName: string

  constructor(typeName: string) {
    this.typeName = typeName
  }

  encode(message: Uint8Array, sink: ByteSink, position: number): number {
    if (!(message instanceof Uint8Array))
      throw withReason(
        "FARCALL_UNWRITABLE_MESSAGE",
        new TypeError(`${this.typeName} must be a Uint8Array, not ${typeof message}`),
      )
    const stop = position + message.length
    if (stop > sink.limit) {
      const written = sink.buffer.subarray(sink.start, position)
      const longer = new Uint8Array(stop)
      longer.set(written, sink.start)
      sink.buffer = longer
      sink.limit = stop
    }
    sink.buffer.set(message, position)
    return stop
  }

  /** In memory of their own, so that they can be kept, or handed over. */
  decode(bytes: Uint8Array, start: number, stop: number, owned = false): Uint8Array {
    const alone = owned && start === 0 && stop === bytes.buffer.byteLength
    return alone ? bytes : new Uint8Array(bytes.subarray(start, stop))
  }
}
