import { FoldedMessages } from "../core/folded-messages.js"
import { limits } from "../core/limits.js"
import type { StatusError } from "../core/status-error.js"
import { callIsOver } from "./call-errors.js"

/** Whose requests they are. */
export interface HeldCall {
  onMessage(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): boolean
  onRequestsEnd(): void
  /** Gives the one request to `take` as soon as it is there, or to `fail` why there will be none. */
  withRequest(take: (request: unknown) => void, fail: (reason: unknown) => void): void
}

/** Someone who waits for the one request of a call. */
export interface RequestReader {
  take(request: unknown): void
  fail(reason: unknown): void
}

/**
 * The requests of a call that has interceptors: held as they came until one of them, or the handler, asks. What
 * interceptors refuse is not even decoded.
 */
export class HeldRequests {
  /** Nobody has asked yet. */
  holding = true
  private messages: HeldMessage[] | undefined = undefined
  /** What came behind so many. */
  private folded: FoldedMessages | undefined = undefined
  private ended = false
  private readers: RequestReader[] | undefined = undefined
  private promise: Promise<unknown> | undefined = undefined

  /** Keeps bytes[start…stop), for which `wireBytes` of credit are due. */
  hold(bytes: Uint8Array, start: number, stop: number, owned: boolean, wireBytes: number): void {
    this.messages ??= []
    if (this.messages.length >= limits.maxDecodedMessages) {
      this.folded ??= new FoldedMessages()
      this.folded.push(bytes, start, stop, wireBytes)
      return
    }
    const kept = owned && start === 0 && stop === bytes.length ? bytes : new Uint8Array(bytes.subarray(start, stop))
    this.messages.push({ bytes: kept, wireBytes })
  }

  /** Bytes of a message that is not whole yet are credited with the one before it. False: none is held. */
  addToLast(wireBytes: number): boolean {
    const last = this.messages?.at(-1)
    if (this.folded !== undefined) this.folded.addToLast(wireBytes)
    else if (last !== undefined) last.wireBytes += wireBytes
    else return false
    return true
  }

  /** The client has sent all its requests. */
  holdEnd(): void {
    this.ended = true
  }

  /** Somebody has asked: goes on with what was held, as if it came now. */
  letGo(call: HeldCall): void {
    if (!this.holding) return
    this.holding = false
    const { messages, folded, ended } = this
    this.messages = undefined
    this.folded = undefined
    if (messages !== undefined) {
      for (const { bytes, wireBytes } of messages) call.onMessage(bytes, 0, bytes.length, true, wireBytes)
    }
    while (folded?.isEmpty === false) {
      folded.shift((bytes, start, stop, wireBytes) => call.onMessage(bytes, start, stop, false, wireBytes))
    }
    if (ended) call.onRequestsEnd()
  }

  /** The request of a call that has one; the same promise each time. */
  one(call: HeldCall): Promise<unknown> {
    if (this.promise === undefined) {
      this.promise = new Promise((resolve, reject) => call.withRequest(resolve, reject))
      // One that nobody waits for any more harms nobody.
      this.promise.catch(() => {})
    }
    return this.promise
  }

  /** Tells the reader of the request when it comes. */
  add(reader: RequestReader): void {
    this.readers ??= []
    this.readers.push(reader)
  }

  /** The request has come, and is the only one. */
  tell(request: unknown): void {
    const { readers } = this
    this.readers = undefined
    if (readers !== undefined) for (const reader of readers) reader.take(request)
  }

  /** The call is over, `reason` says why unless it has ended OK: what was held is thrown away. */
  end(reason: StatusError | undefined): void {
    const { readers } = this
    this.readers = undefined
    this.messages = undefined
    this.folded = undefined
    if (readers !== undefined) for (const reader of readers) reader.fail(reason ?? callIsOver())
  }
}

/** A message that has not been decoded, and the bytes of wire for which credit is due when it is taken. */
interface HeldMessage {
  readonly bytes: Uint8Array
  wireBytes: number
}
