import type { Timer } from "../core/clock.js"
import { mayCompress } from "../core/compression.js"
import { encodedMessage } from "../core/encoded-message.js"
import { StatusError } from "../core/status-error.js"
import type { AppliedConfig } from "./applied-config.js"
import { Attempt, type AttemptedCall, type AttemptOwner, type Ending } from "./attempt.js"
import { type AttemptPlan, HedgingPlan, type PlannedCall, pushbackOf, RetryPlan } from "./attempt-plan.js"
import { ReplayBuffer } from "./replay-buffer.js"
import type { RetryResources } from "./retry-resources.js"
import type { RetryThrottle } from "./retry-throttle.js"
import type { HedgingPolicy, RetryPolicy } from "./service-config.js"
import type { Channel, ClientStream } from "./transport.js"

/**
 * A call that may take several attempts (gRPC A6): to the call it is a stream, open from the start; behind it, each
 * attempt gets the requests from a buffer. It is committed to one attempt by the first answer that is more than a status,
 * or when the buffer can hold no more.
 *
 *     ClientCall ── requests ──> RetriedCall ── buffer ──> Attempt 1 ──> channel
 *                                                     └──> Attempt 2 ──> channel
 *     ClientCall <── responses, of the committed one ───── Attempt 2
 */
export class RetriedCall implements ClientStream, AttemptOwner, PlannedCall {
  readonly call: RetryableCall
  readonly channel: Channel
  readonly throttle: RetryThrottle | undefined
  attempts = 0
  private readonly plan: AttemptPlan
  private readonly hedges: boolean
  /** Milliseconds that were waited for the attempt that is about to begin. */
  private waited = 0
  private readonly resources: RetryResources
  private readonly buffer: ReplayBuffer
  /** Attempts that run. */
  private live: Attempt[] = []
  private committed: Attempt | undefined = undefined
  /** The buffer could hold no more when no attempt was running: the next one is the last. */
  private overflowed = false
  private over = false
  /** The last attempt that failed. */
  private failed: { readonly attempt: Attempt; readonly ending: Ending } | undefined = undefined
  /** One attempt that a server refused unseen has been made anew. */
  private refused = false
  private timer: Timer | undefined = undefined
  /** While it waits for its next attempt and none is running: nothing else may keep the process alive. */
  private hold: Timer | undefined = undefined

  constructor(call: RetryableCall, channel: Channel, applied: AppliedConfig, policy: RetryPolicy | HedgingPolicy) {
    this.call = call
    this.channel = channel
    this.throttle = applied.throttle
    this.resources = channel.retries
    this.hedges = "hedgingDelayMs" in policy
    this.plan = "hedgingDelayMs" in policy ? new HedgingPlan(this, policy) : new RetryPlan(this, policy)
    this.buffer = new ReplayBuffer(channel.retries.callBytes, channel.retries.memory)
  }

  start(): void {
    if (!this.over) this.plan.start()
  }

  /** In a few words, what the call is about just now. */
  describe(): string {
    const { failed, leading } = this
    const past = failed === undefined ? "" : `, after ${describeFailure(failed.attempt, failed.ending)}`
    if (leading === undefined) return `before attempt ${this.attempts + 1}${past}`
    const place = leading.stream === undefined ? `while ${this.channel.describeWait(leading)}` : `at ${leading.peer}`
    return failed === undefined ? place : `${place}, in attempt ${leading.number}${past}`
  }

  /** The error of the last attempt that failed. */
  get lastFailure(): StatusError | undefined {
    return this.failed && this.call.errorOf(this.failed.attempt, this.failed.ending)
  }

  // ── from the call: its requests ──

  get writable(): boolean {
    const attempt = this.leading
    return attempt?.stream !== undefined && attempt.sent === this.buffer.count && attempt.stream.writable
  }

  /** What may have to be sent again is in its own buffer. */
  get seen(): boolean {
    return true
  }

  sendMessage(message: unknown, end: boolean): void {
    const { buffer, committed } = this
    if (this.over || buffer.ended) return
    if (committed?.stream !== undefined && committed.sent === buffer.count) {
      buffer.ended = end
      committed.stream.sendMessage(message, end)
      return
    }
    this.sendEncoded(encodedMessage(this.call.method.input, message, mayCompress(message)), end)
  }

  sendEncoded(bytes: Uint8Array, end: boolean): void {
    const { buffer } = this
    buffer.ended = end
    if (this.committed === undefined && !this.overflowed && !buffer.fits(bytes)) this.overflow()
    if (this.committed === undefined && !this.overflowed) buffer.keep(bytes)
    else buffer.pass(bytes)
    this.sendAll()
  }

  end(): void {
    this.buffer.ended = true
    this.sendAll()
  }

  consumed(bytes: number): void {
    this.committed?.stream?.consumed(bytes)
  }

  expect(bytes: number): void {
    this.committed?.stream?.expect(bytes)
  }

  get takenCompressed(): boolean {
    return this.committed?.stream?.takenCompressed === true
  }

  cancel(): void {
    this.finish()
  }

  // ── from the plan ──

  get running(): boolean {
    return this.live.length > 0
  }

  get decided(): boolean {
    return this.over || this.committed !== undefined
  }

  random(): number {
    return this.resources.random()
  }

  attempt(): void {
    const attempt = new Attempt(this, ++this.attempts)
    this.live.push(attempt)
    if (this.overflowed) this.commit(attempt)
    attempt.start({ transparent: false, hedged: this.hedges && attempt.number > 1, delayMs: this.waited })
    this.waited = 0
  }

  wait(ms: number, task: () => void): void {
    this.stopWaiting()
    if (!this.running) {
      this.resources.waiting.add(this)
      this.hold = this.channel.clock.hold()
    }
    this.timer = this.channel.clock.after(ms, () => {
      this.stopWaiting()
      this.waited = ms
      task()
    })
  }

  stopWaiting(): void {
    if (this.timer === undefined) return
    this.timer.cancel()
    this.timer = undefined
    if (this.hold === undefined) return
    this.hold.cancel()
    this.hold = undefined
    this.resources.waiting.delete(this)
  }

  giveUp(): void {
    const { attempt, ending } = this.failed!
    this.finish(attempt, ending)
  }

  // ── from the channel ──

  /** It is closed: there will be no further attempt. */
  onChannelClosed(error: StatusError): void {
    this.finish()
    this.call.fail(error)
  }

  // ── from the attempts ──

  onAttemptWritable(attempt: Attempt): void {
    this.send(attempt)
    if (!this.over && this.writable) this.call.onWritable()
  }

  commit(attempt: Attempt): void {
    if (this.committed !== undefined || this.over) return
    this.committed = attempt
    this.stopWaiting()
    this.cancelOthers(attempt)
    this.buffer.free(attempt.sent)
  }

  onAttemptEnd(attempt: Attempt, ending: Ending): void {
    // One that is called off can be on a list of those that fail.
    if (this.over || !this.live.includes(attempt)) return
    const { failure, status } = ending
    if (this.committed !== undefined || status.code === "OK") {
      this.finish(attempt, ending)
      return
    }
    if (failure?.mayHaveBeenProcessed === false && (failure.neverSent || !this.refused)) {
      // Checklist point 51: not seen by the application, so it is no attempt; refused by the server, once.
      if (!failure.neverSent) this.refused = true
      attempt.startAnew()
      return
    }
    this.live = this.live.filter((other) => other !== attempt)
    this.failed = { attempt, ending }
    const closed = this.channel.state === "SHUTDOWN"
    if (closed || !this.plan.onFailure(status, pushbackOf(ending.trailers))) this.finish(attempt, ending)
  }

  // ── what is sent ──

  /** The attempt that has sent most. */
  private get leading(): Attempt | undefined {
    if (this.committed !== undefined) return this.committed
    let leading: Attempt | undefined
    for (const attempt of this.live) if (leading === undefined || attempt.sent > leading.sent) leading = attempt
    return leading
  }

  private sendAll(): void {
    for (const attempt of this.live) this.send(attempt)
  }

  /** Sends what an attempt has not sent yet, as far as its stream takes it. */
  private send(attempt: Attempt): void {
    const { stream } = attempt
    const { buffer } = this
    if (stream === undefined) return
    try {
      while (attempt.sent < buffer.count && stream.writable) {
        const message = buffer.at(attempt.sent++)
        stream.sendEncoded(message, buffer.ended && attempt.sent === buffer.count)
        if (this.committed === attempt) buffer.free(attempt.sent)
      }
      if (buffer.ended && attempt.sent === buffer.count) stream.end()
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      this.call.endHere(error)
    }
  }

  /** What is being sent does not fit the buffer: it goes by the attempt that is ahead, and by no other. */
  private overflow(): void {
    const { leading } = this
    if (leading === undefined) this.overflowed = true
    else this.commit(leading)
  }

  // ── ends ──

  /** Ends the attempts that run, but for the one given. */
  private cancelOthers(attempt: Attempt | undefined): void {
    const { live } = this
    if (live.length === 1 && live[0] === attempt) return
    this.live = live.filter((other) => other === attempt)
    for (const other of live) if (other !== attempt) other.cancel()
  }

  /** Ends all attempts, and the call as the one given has ended; without one, the call has seen to its end itself. */
  private finish(attempt?: Attempt, ending?: Ending): void {
    if (this.over) return
    this.over = true
    this.stopWaiting()
    this.cancelOthers(attempt)
    if (attempt !== undefined && ending !== undefined) this.call.onAttemptEnd(attempt, ending)
    this.buffer.free(this.buffer.count)
  }
}

/** A call that can be tried again. */
export interface RetryableCall extends AttemptedCall {
  /** It ends by this attempt. */
  onAttemptEnd(attempt: Attempt, ending: Ending): void
  /** The error of an attempt that failed on a connection. */
  errorOf(attempt: Attempt, ending: Ending): StatusError
  fail(error: StatusError): void
  endHere(error: StatusError): void
}

function describeFailure({ number }: Attempt, { status }: Ending): string {
  return `attempt ${number} ended ${status.code}${status.message === "" ? "" : `: ${status.message}`}`
}
