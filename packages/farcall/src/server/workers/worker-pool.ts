import type { Clock, Timer } from "../../core/clock.js"
import { diagnosticsChannel } from "../../core/diagnostics.js"
import type { WorkerStartedEvent } from "../../core/diagnostics-events.js"
import type { KnownOptions } from "../../core/known-options.js"
import { limits } from "../../core/limits.js"
import { badOption, withReason } from "../../core/reason.js"
import type { AnyMethod, ServiceDefinition } from "../../core/service.js"
import { StatusError } from "../../core/status-error.js"
import { unimplementedText } from "../router.js"
import type { FromWorker, ReadyFrame, WorkerSetup } from "./frames.js"
import type { PooledCall } from "./pooled-call.js"
import { type ThreadOwner, WorkerThread } from "./worker-thread.js"

/** How a service runs on worker threads. */
export interface WorkerOptions {
  /** How many threads there are, 1 to 1,024. Each runs one call at a time, from its beginning to its end. */
  readonly workers: number
  /** How many calls may wait for a thread; further ones end RESOURCE_EXHAUSTED. Default 1,000. */
  readonly maxQueuedCalls?: number | undefined
  /**
   * How long a thread may go on, in milliseconds, with a call that has been cancelled or whose deadline has passed. Then
   * it is ended, and another takes its place. Default: as long as it likes; it takes no other call meanwhile.
   */
  readonly terminateAfterMs?: number | undefined
}

export const workerOptions: KnownOptions<WorkerOptions> = {
  workers: "number",
  maxQueuedCalls: "number",
  terminateAfterMs: "number",
}

/** What a pool needs of its server. */
export interface PoolHost {
  readonly clock: Clock
  readonly setup: WorkerSetup
  /** Told of what a handler threw, and of threads that died. */
  onHandlerError(error: unknown, method: AnyMethod): void
  /** It is down from now on, or no longer. */
  onPoolTurned(pool: WorkerPool): void
}

const started = diagnosticsChannel("farcall:server:worker:started")
const died = diagnosticsChannel("farcall:server:worker:died")

/**
 * The worker threads of one service, and the calls that wait for one. A thread that dies is replaced: at once when it has
 * served, after a while that doubles each time when it has not.
 */
export class WorkerPool implements ThreadOwner {
  readonly service: ServiceDefinition
  readonly terminateAfterMs: number | undefined
  private readonly module: URL
  private readonly host: PoolHost
  private readonly size: number
  private readonly maxQueuedCalls: number
  private readonly threads: Set<WorkerThread> = new Set()
  /** The one that worked last is first: its memory is warm. */
  private readonly idle: WorkerThread[] = []
  private readonly running: Map<WorkerThread, PooledCall> = new Map()
  /** In the order in which they came. */
  private readonly waiting: Set<PooledCall> = new Set()
  private readonly restarts: Set<Timer> = new Set()
  /** Threads that have run a call. */
  private readonly proven: WeakSet<WorkerThread> = new WeakSet()
  private state: "new" | "starting" | "failed" | "serving" | "closed" = "new"
  private started: Promise<void> | undefined = undefined
  private closing: Promise<void> | undefined = undefined
  private onIdle: (() => void) | undefined = undefined
  /** Threads in a row that died before they had run a call. */
  private failures = 0
  /** Why no thread could be started. */
  private broken: Error | undefined = undefined
  private paths: ReadonlySet<string> | undefined = undefined

  /** @throws TypeError when an option is out of its range */
  constructor(service: ServiceDefinition, module: URL, options: WorkerOptions, host: PoolHost) {
    const { workers, maxQueuedCalls = limits.maxQueuedCalls, terminateAfterMs } = options
    mustBeWhole("workers", workers, 1, 1_024)
    mustBeWhole("maxQueuedCalls", maxQueuedCalls, 0, Number.MAX_SAFE_INTEGER)
    if (terminateAfterMs !== undefined) mustBeWhole("terminateAfterMs", terminateAfterMs, 0, Number.MAX_SAFE_INTEGER)
    this.service = service
    this.module = module
    this.size = workers
    this.maxQueuedCalls = maxQueuedCalls
    this.terminateAfterMs = terminateAfterMs
    this.host = host
  }

  get clock(): Clock {
    return this.host.clock
  }

  /** No thread is left, and none could be started in its place: calls end UNAVAILABLE until one is there again. */
  get isDown(): boolean {
    return this.broken !== undefined
  }

  /** Starts the threads. @throws Error when one of them cannot load the module; none is left then */
  start(): Promise<void> {
    return (this.started ??= this.startThreads())
  }

  private async startThreads(): Promise<void> {
    if (this.state === "closed") throw shutDownError()
    this.state = "starting"
    this.mend()
    try {
      for (let i = 0; i < this.size; i++) this.spawn()
      await Promise.all(Array.from(this.threads, ({ ready }) => ready))
      this.state = "serving"
    } catch (cause) {
      if ((this.state as string) === "closed") throw shutDownError()
      this.state = "failed"
      const why = (cause as Error).message
      const error = withReason(
        "FARCALL_WORKER_DIED",
        new Error(`the workers of ${this.service.typeName} (${this.module}) cannot be started: ${why}`, {
          cause,
        }),
      )
      this.breakOff(error)
      await Promise.all(Array.from(this.threads, (thread) => ended(thread, error)))
      this.state = "new"
      this.started = undefined
      throw error
    }
  }

  /** Gives a call to a thread, now or when it has its turn. @throws StatusError when none is to be had */
  run(call: PooledCall): void {
    if (this.state === "new") {
      // Nobody waits for it here; that it failed, its calls are told.
      this.start().catch((error: unknown) => this.host.onHandlerError(error, call.method))
    }
    if (this.state === "closed") throw shutDownStatus()
    if (this.broken !== undefined) throw this.unstartable()
    if (this.paths?.has(call.method.path) === false) throw unimplemented(call)
    let thread = this.idle.pop()
    while (thread?.ending) thread = this.idle.pop()
    if (thread !== undefined) this.assign(thread, call)
    else if (this.waiting.size < this.maxQueuedCalls) this.waiting.add(call)
    else throw this.full()
  }

  /** A call that waits needs no thread any more. */
  withdraw(call: PooledCall): void {
    this.waiting.delete(call)
  }

  /**
   * Ends the threads: at once those that do nothing, the others when they are done, or after `graceMs`. Always ends.
   */
  close(graceMs: number): Promise<void> {
    return (this.closing ??= this.closeThreads(graceMs))
  }

  private async closeThreads(graceMs: number): Promise<void> {
    this.state = "closed"
    for (const timer of this.restarts) timer.cancel()
    this.failWaiting(shutDownStatus())
    if (this.running.size > 0 && graceMs > 0) await this.untilIdle(graceMs)
    const all = Promise.all(Array.from(this.threads, (thread) => ended(thread, shutDownError())))
    // What is not JavaScript cannot be interrupted.
    const late = new Promise<void>((resolve) => {
      const timer = this.clock.after(limits.closeMs, resolve)
      void all.then(() => timer.cancel())
    })
    await Promise.race([all, late])
  }

  private untilIdle(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(graceMs, resolve)
      this.onIdle = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  // ── from the threads ──

  onReady(thread: WorkerThread, { service, paths }: ReadyFrame): void {
    if (service !== this.service.typeName)
      throw withReason(
        "FARCALL_WORKER_DIED",
        new Error(`${this.module} serves ${service}, and not ${this.service.typeName}`),
      )
    this.mend()
    if (this.paths === undefined) this.refuseUnimplemented(new Set(paths))
    if (started.hasSubscribers) started.publish(this.eventOf(thread))
    thread.letGo()
    this.next(thread)
  }

  onFrame(thread: WorkerThread, frame: Exclude<FromWorker, ReadyFrame>): void {
    const call = this.running.get(thread)
    if (frame.type === "failed") {
      const { path, error, reason } = frame
      if (reason !== undefined && error instanceof Error) withReason(reason, error)
      const method = Object.values(this.service.methods).find((one) => one.path === path)
      if (method !== undefined) this.host.onHandlerError(error, method)
      call?.onThrown(error)
      return
    }
    if (call === undefined) return
    if (frame.type === "taken") call.onTakenByHandler(frame.cost)
    else if (frame.type === "response") {
      call.onResponse(frame)
      if (frame.released) this.released(thread, call)
    }
  }

  onEnded(thread: WorkerThread, why: Error): void {
    this.threads.delete(thread)
    const at = this.idle.indexOf(thread)
    if (at >= 0) this.idle.splice(at, 1)
    const call = this.running.get(thread)
    this.running.delete(thread)
    call?.onThreadEnded()
    if (this.state === "closed") {
      if (this.running.size === 0) this.onIdle?.()
    } else if (this.state === "serving" || (this.state === "starting" && thread.wasReady)) {
      this.replace(thread, why, call)
    }
  }

  private released(thread: WorkerThread, call: PooledCall): void {
    this.running.delete(thread)
    this.failures = 0
    thread.letGo()
    call.onReleased()
    if (this.state !== "closed") this.next(thread)
    else if (this.running.size === 0) this.onIdle?.()
  }

  // ── threads and calls ──

  private spawn(): void {
    const name = `farcall ${this.service.typeName}`
    this.threads.add(new WorkerThread(this.module, name, this.host.setup, this.clock, this))
  }

  /** What a thread is to do that has nothing to do. */
  private next(thread: WorkerThread): void {
    if (thread.ending) return
    const [call] = this.waiting
    if (call === undefined) {
      this.idle.push(thread)
      return
    }
    this.waiting.delete(call)
    this.assign(thread, call)
  }

  private assign(thread: WorkerThread, call: PooledCall): void {
    this.running.set(thread, call)
    this.proven.add(thread)
    thread.hold()
    call.start(thread)
  }

  private eventOf({ threadId }: WorkerThread): WorkerStartedEvent {
    return { service: this.service.typeName, module: this.module.href, threadId }
  }

  private replace(thread: WorkerThread, why: Error, call: PooledCall | undefined): void {
    if (died.hasSubscribers) {
      died.publish({ ...this.eventOf(thread), error: why, terminated: thread.terminated })
    }
    if (!thread.terminated) {
      const error = withReason(
        "FARCALL_WORKER_DIED",
        new Error(`a worker thread of ${this.service.typeName} died: ${why.message}`, { cause: why }),
      )
      this.host.onHandlerError(error, call?.method ?? Object.values(this.service.methods)[0]!)
    }
    if (this.proven.has(thread)) this.respawn()
    else this.respawnLater(why)
  }

  private respawn(): void {
    try {
      this.spawn()
    } catch (error) {
      this.respawnLater(error as Error)
    }
  }

  private respawnLater(why: Error): void {
    // As long as there are others, or one is on its way, calls may wait.
    if (this.threads.size === 0) this.breakOff(why)
    const delay = Math.min(limits.maxWorkerRestartMs, limits.workerRestartMs * 2 ** this.failures++)
    const timer = this.clock.after(delay, () => {
      this.restarts.delete(timer)
      this.respawn()
    })
    this.restarts.add(timer)
  }

  /** No thread can be started: nobody is to wait for one. */
  private breakOff(why: Error): void {
    const wasDown = this.isDown
    this.broken = why
    this.failWaiting(this.unstartable())
    if (!wasDown) this.host.onPoolTurned(this)
  }

  private mend(): void {
    if (!this.isDown) return
    this.broken = undefined
    this.host.onPoolTurned(this)
  }

  private failWaiting(error: StatusError): void {
    for (const call of this.waiting) call.fail(error)
    this.waiting.clear()
  }

  /** Of the calls that came before it was known what there is. */
  private refuseUnimplemented(paths: ReadonlySet<string>): void {
    this.paths = paths
    for (const call of this.waiting) {
      if (paths.has(call.method.path)) continue
      this.waiting.delete(call)
      call.fail(unimplemented(call))
    }
  }

  private full(): StatusError {
    const waiting = `${this.waiting.size} calls wait for one, the limit is ${this.maxQueuedCalls}`
    return new StatusError(
      "RESOURCE_EXHAUSTED",
      `all ${this.size} workers of ${this.service.typeName} are busy, and ${waiting}`,
      { reason: "FARCALL_TOO_MANY_CALLS" },
    )
  }

  private unstartable(): StatusError {
    return new StatusError("UNAVAILABLE", `no worker of ${this.service.typeName} can be started`, {
      cause: this.broken,
      reason: "FARCALL_WORKER_DIED",
    })
  }
}

function ended(thread: WorkerThread, why: Error): Promise<void> {
  thread.end(why)
  return thread.ended
}

function unimplemented(call: PooledCall): StatusError {
  return new StatusError("UNIMPLEMENTED", unimplementedText(call.method.path))
}

function shutDownStatus(): StatusError {
  return new StatusError("UNAVAILABLE", "the server has been shut down", { reason: "FARCALL_SHUTTING_DOWN" })
}

function shutDownError(): Error {
  return withReason("FARCALL_SHUTTING_DOWN", new Error("the server has been shut down"))
}

function mustBeWhole(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw badOption(`${option} must be a whole number from ${least} to ${most}, not ${String(value)}`)
}
