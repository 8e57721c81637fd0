/** What every stack's client can do, so that one program drives them all in the same way. */
export interface LoadClient {
  /** The unary method of examples/echo. */
  reply(message: string): Promise<{ readonly message: string }>
  /** A stream of `items` small messages: resolves to how many came, after checking each one's number. */
  count(items: number): Promise<number>
  /** A large message there and back: resolves to what came back. */
  echoPayload(data: Uint8Array): Promise<{ readonly data: Uint8Array }>
  /** A stream of `items` messages of 4 MiB: resolves to how many came, after looking at each one's length. */
  download(items: number): Promise<number>
  /** Opens a bidirectional stream, sends one message, and resolves when it has come back: from then on it is idle. */
  hold(): Promise<void>
  close(): Promise<void>
}

/** The text of each small streamed message. */
export const itemText = "small message"

/** What is sent where long messages are measured. */
export const payloadLength: number = 4 * 1024 * 1024

/** Bytes of the longest message of any workload: a payload, and room for what is around it. */
export const longestMessage: number = 5 * 1024 * 1024

/** The windows of both sides where messages of 4 MiB are measured. */
export const largeWindow: number = 8 * 1024 * 1024
