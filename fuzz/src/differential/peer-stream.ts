import { BodyDigest } from "./bodies.js"
import type { Field } from "./conversation.js"

/** One exchange as an implementation gives it to either end. What is said on a stream that is over is lost. */
export interface PeerStream {
  /** Server: the head of the response, or of one before it (1xx). `end`: nothing follows. */
  head(status: number, fields: readonly Field[], end: boolean): void
  /** Resolves when more may be said, or the stream is over. */
  write(bytes: Uint8Array): Promise<void>
  end(trailers: readonly Field[] | null): void
  reset(code: number): void
  /** Server, after `end`: the rest of the request is not wanted. */
  refuseRest(): void
}

/** What has been heard on a stream so far. The implementations feed it, the parts wait for it. */
export class Heard {
  readonly informational: { status: number; fields: readonly Field[] }[] = []
  status: number | null = null
  fields: readonly Field[] | null = null
  readonly body: BodyDigest = new BodyDigest()
  trailers: readonly Field[] | null = null
  /** How it ended, once it has. */
  end: "end" | number | null = null
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = []

  /** Resolves when it is so, or the peer will say nothing more. */
  until(condition: () => boolean): Promise<void> {
    if (condition() || this.end !== null) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ until: condition, resolve }))
  }

  whole(): Promise<void> {
    return this.until(() => this.end !== null)
  }

  onHead(status: number, fields: readonly Field[]): void {
    if (status < 200) this.informational.push({ status, fields })
    else {
      this.status = status
      this.fields = fields
    }
    this.#look()
  }

  onData(bytes: Uint8Array): void {
    this.body.add(bytes)
    this.#look()
  }

  onTrailers(fields: readonly Field[]): void {
    this.trailers = fields
  }

  /**
   * The first word counts, for a reset with NO_ERROR behind the end is about what we say; but Node's client says the end
   * right before it resets, and its server tells of an end when the client has reset with CANCEL.
   */
  onEnd(end: "end" | number): void {
    if (this.end === null || (this.end === "end" && end !== 0)) this.end = end
    this.#look()
  }

  #look(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const entry of waiting) {
      if (this.end !== null || entry.until()) entry.resolve()
      else this.#waiting.push(entry)
    }
  }
}
