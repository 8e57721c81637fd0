import { encodedMessage } from "../../core/encoded-message.js"
import { PREFIX_LENGTH } from "../../core/message-framing.js"
import type { AnyMethod, ByteSink, MessageCodec, ServiceDefinition } from "../../core/service.js"

/** How the messages of a method cross to a worker thread and back. */
export interface Crossing {
  /** A request's bytes, in memory of their own. */
  request(message: unknown): Uint8Array
  /** A response from its bytes, which become its own. */
  response(bytes: Uint8Array): unknown
}

/** Messages as the server's routes have them are bytes already: nothing is decoded on the server's thread. */
export const asBytes: Crossing = {
  request: (message) => message as Uint8Array,
  response: (bytes) => bytes,
}

/** Messages are objects on the server's thread, where interceptors may look at them. */
export function decoded(method: AnyMethod): Crossing {
  return {
    request: (message) => encoded(method.input, message),
    response: (bytes) => method.output.decode(bytes, 0, bytes.length, true),
  }
}

/** A message's bytes, in memory of their own. @throws what the codec throws */
export function encoded(codec: MessageCodec<unknown>, message: unknown): Uint8Array {
  return encodedMessage(codec, message, false).subarray(PREFIX_LENGTH)
}

/** The service with methods whose messages are their bytes. */
export function serviceOfBytes(service: ServiceDefinition): ServiceDefinition {
  const methods: Record<string, AnyMethod> = Object.create(null)
  for (const [name, method] of Object.entries(service.methods)) {
    methods[name] = {
      ...method,
      input: new BytesCodec(method.input.typeName),
      output: new BytesCodec(method.output.typeName),
    }
  }
  return { typeName: service.typeName, methods }
}

/** The codec of messages that stay their bytes. */
class BytesCodec implements MessageCodec<Uint8Array> {
  readonly typeName: string

  constructor(typeName: string) {
    this.typeName = typeName
  }

  encode(message: Uint8Array, sink: ByteSink, position: number): number {
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

  /** In memory of their own, so that they can be handed over. */
  decode(bytes: Uint8Array, start: number, stop: number, owned = false): Uint8Array {
    const alone = owned && start === 0 && stop === bytes.buffer.byteLength
    return alone ? bytes : new Uint8Array(bytes.subarray(start, stop))
  }
}
