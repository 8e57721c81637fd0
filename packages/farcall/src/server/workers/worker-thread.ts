import type { Worker } from "node:worker_threads"
import type { Clock, Timer } from "../../core/clock.js"
import { limits } from "../../core/limits.js"
import { withReason } from "../../core/reason.js"
import type { FromWorker, ReadyFrame, ToWorker, WorkerSetup } from "./frames.js"

/** Who a thread tells what becomes of it. */
export interface ThreadOwner {
  /** Its module is loaded. @throws Error when it is not the one that was expected: the thread is ended */
  onReady(thread: WorkerThread, frame: ReadyFrame): void
  /** What its call says. */
  onFrame(thread: WorkerThread, frame: Exclude<FromWorker, ReadyFrame>): void
  /** It has ended, by itself or because it was told to; nothing more will be told. */
  onEnded(thread: WorkerThread, why: Error): void
}

/**
 * One worker thread with the module of a service.
 *
 *     starting ──ready──> ready ──> ended
 *         └───────────────────────────^
 */
export class WorkerThread {
  state: "starting" | "ready" | "ended" = "starting"
  /** Its module was loaded, whatever became of it since. */
  wasReady = false
  /** It is about to end: no call is to be given to it. */
  ending = false
  /** It was ended because its call did not stop: nothing of it is to be told. */
  terminated = false
  /** Resolves when the module is loaded; rejects when it cannot be. */
  readonly ready: Promise<void>
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>
  /** Unique in the process. */
  readonly threadId: number
  private readonly owner: ThreadOwner
  private readonly worker: Worker
  private readonly startTimer: Timer
  private why: Error | undefined = undefined
  private readyWaiter!: { resolve(): void; reject(error: Error): void }
  private endedWaiter!: () => void

  /** @throws Error when `module` is nothing that can be loaded on a thread */
  constructor(module: URL, name: string, setup: WorkerSetup, clock: Clock, owner: ThreadOwner) {
    this.owner = owner
    this.ready = new Promise((resolve, reject) => {
      this.readyWaiter = { resolve, reject }
    })
    // Not everybody who starts one waits for it.
    this.ready.catch(() => {})
    this.ended = new Promise((resolve) => {
      this.endedWaiter = resolve
    })
    // Loaded here: most servers have none, and would start the later for it.
    const { Worker } = process.getBuiltinModule("node:worker_threads")
    this.worker = new Worker(module, { name, workerData: setup })
    this.threadId = this.worker.threadId
    this.worker.on("message", (frame: FromWorker) => this.onMessage(frame))
    this.worker.on("error", (error: unknown) => this.end(errorOf(error)))
    this.worker.on("messageerror", (error) => this.end(error))
    this.worker.on("exit", (code) => this.onExit(code))
    this.startTimer = clock.after(limits.workerStartMs, () => {
      this.end(
        withReason("FARCALL_WORKER_DIED", new Error(`it did not call serveWorker within ${limits.workerStartMs} ms`)),
      )
    })
  }

  post(frame: ToWorker, handedOver: readonly ArrayBuffer[] = []): void {
    this.worker.postMessage(frame, handedOver)
  }

  /** While it works, it keeps the process from ending; so it does while it is being ended. */
  hold(): void {
    this.worker.ref()
  }

  letGo(): void {
    if (!this.ending) this.worker.unref()
  }

  /** Ends the thread, whatever it does. Code that is not JavaScript runs to its end first. */
  end(why: Error): void {
    this.why ??= why
    this.ending = true
    void this.worker.terminate()
  }

  private onMessage(frame: FromWorker): void {
    if (typeof frame !== "object" || frame === null) return
    if (frame.type !== "ready") this.owner.onFrame(this, frame)
    else if (this.state === "starting" && !this.ending) this.onReady(frame)
  }

  private onReady(frame: ReadyFrame): void {
    try {
      this.owner.onReady(this, frame)
    } catch (error) {
      this.end(error as Error)
      return
    }
    this.startTimer.cancel()
    this.state = "ready"
    this.wasReady = true
    this.readyWaiter.resolve()
  }

  private onExit(code: number): void {
    const starting = this.state === "starting"
    this.state = "ended"
    this.startTimer.cancel()
    const why =
      this.why ??
      withReason("FARCALL_WORKER_DIED", new Error(starting ? neverServed(code) : `it ended with exit code ${code}`))
    this.readyWaiter.reject(why)
    this.owner.onEnded(this, why)
    this.endedWaiter()
  }
}

function neverServed(code: number): string {
  return `it ended with exit code ${code}, and had not called serveWorker`
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
