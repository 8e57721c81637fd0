import { BytesCodec } from "../../core/bytes-codec.js"
import { encodedMessage } from "../../core/encoded-message.js"
import { PREFIX_LENGTH } from "../../core/message-framing.js"
import type { AnyMethod, MessageCodec, ServiceDefinition } from "../../core/service.js"

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
