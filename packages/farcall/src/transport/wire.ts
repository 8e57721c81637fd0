import type { AuthContext } from "../core/auth-context.js"

/**
 * A byte pipe to one peer: a socket, or one end of a pipe in memory. Bytes go out in batches, of which each is told when
 * it has left, and come in as pieces of chunks that belong to the wire again when the callback returns.
 */
export interface Wire {
  /** Where the other end is: `ipv4:127.0.0.1:40000`, `ipv6:[::1]:40000`, `unix:/run/x.sock`, `in-memory:3`. */
  readonly peer: string
  /** Where this end is, in the same spelling. */
  readonly local: string
  /** What TLS has found out; `undefined` where there is none. */
  readonly auth?: AuthContext | undefined
  /** Options of the socket, by the system's names, as far as they are known. */
  readonly socketOptions?: Readonly<Record<string, string>> | undefined
  /** Names who is told of what comes in from now on, and begins to read; another may be named later. */
  attach(handler: WireHandler): void
  /** Writes a batch, in one system call where there is one; `done` is called when it has left this process. */
  write(segments: readonly Uint8Array[], done: () => void): void
  /** Bytes that have not left this process of the batch that is just leaving; when it falls, the other end reads. */
  readonly unsent: number
  /** Whether the wire, while it is open, keeps the process alive; it does until told otherwise. */
  holdProcess?(held: boolean): void
  pauseReading(): void
  resumeReading(): void
  /** Ends this direction once all is written. */
  end(): void
  /** Ends both directions at once; what is not written is lost. `onWireClosed` follows. */
  destroy(): void
}

export interface WireHandler {
  onChunk(chunk: Uint8Array, start: number, stop: number): void
  /** The peer has ended its direction. */
  onWireEnd(): void
  /** The wire is gone in both directions; nothing more will be told. */
  onWireClosed(error: Error | undefined): void
}
