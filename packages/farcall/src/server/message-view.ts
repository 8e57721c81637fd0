import { encodedMessage } from "../core/encoded-message.js"
import { PREFIX_LENGTH } from "../core/message-framing.js"
import type { MessageCodec } from "../core/service.js"
import { StatusError } from "../core/status-error.js"

/**
 * Interceptors' view of the messages of a call, in one direction, where the call itself has them as bytes: they are
 * decoded when one looks at them, and encoded again behind it. Those that nobody looks at stay as they are.
 */
export class MessageView {
  private readonly codec: MessageCodec<unknown>
  private readonly what: "request" | "response"
  private seen: Promise<unknown> | undefined = undefined
  private seenStream: AsyncIterable<unknown> | undefined = undefined

  constructor(codec: MessageCodec<unknown>, what: "request" | "response") {
    this.codec = codec
    this.what = what
  }

  /** The one message, the same each time. */
  one(bytes: () => Promise<unknown>): Promise<unknown> {
    return (this.seen ??= bytes().then((message) => this.decoded(message)))
  }

  many(bytes: AsyncIterable<unknown>): AsyncIterable<unknown> {
    return (this.seenStream ??= mapped(bytes, (message) => this.decoded(message)))
  }

  /** What goes on of the one message, when `changed` has perhaps taken its place. */
  async oneOn(changed: (() => Promise<unknown>) | undefined, bytes: () => Promise<unknown>): Promise<unknown> {
    const message = changed?.() ?? this.seen
    return message === undefined ? bytes() : this.encoded(await message)
  }

  manyOn(changed: AsyncIterable<unknown> | undefined, bytes: AsyncIterable<unknown>): AsyncIterable<unknown> {
    const messages = changed ?? this.seenStream
    return messages === undefined ? bytes : mapped(messages, (message) => this.encoded(message))
  }

  private decoded(message: unknown): unknown {
    const bytes = message as Uint8Array
    try {
      return this.codec.decode(bytes, 0, bytes.length, true)
    } catch (error) {
      throw this.unfit(error)
    }
  }

  private encoded(message: unknown): Uint8Array {
    try {
      return encodedBytes(this.codec, message)
    } catch (error) {
      throw this.unfit(error)
    }
  }

  private unfit(cause: unknown): StatusError {
    const text = cause instanceof Error ? cause.message : String(cause)
    return new StatusError("INTERNAL", `the ${this.what} is no ${this.codec.typeName}: ${text}`, {
      cause,
      reason: "FARCALL_UNREADABLE_MESSAGE",
    })
  }
}

/** A message's bytes, in memory of their own. @throws what the codec throws */
export function encodedBytes(codec: MessageCodec<unknown>, message: unknown): Uint8Array {
  return encodedMessage(codec, message, false).subarray(PREFIX_LENGTH)
}

async function* mapped(
  messages: AsyncIterable<unknown>,
  change: (message: unknown) => unknown,
): AsyncGenerator<unknown> {
  for await (const message of messages) yield change(message)
}
