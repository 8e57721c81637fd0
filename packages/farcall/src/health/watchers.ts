import { StatusError } from "../core/status-error.js"
import { type HealthStatuses, type ServingStatusNumber, servingStatus } from "./statuses.js"

/** The calls of Watch. Each is told how its service fares, and again when that is no longer what it was told last. */
export class HealthWatchers {
  private readonly statuses: HealthStatuses
  private readonly most: number
  private running = 0
  /** Those that wait for a change; who is slow to take what it is told does not, and is told the latest alone then. */
  private readonly waiting: Set<() => void> = new Set()
  private ended: StatusError | undefined = undefined

  /** @param most how many there may be at once */
  constructor(statuses: HealthStatuses, most: number) {
    this.statuses = statuses
    this.most = most
  }

  /** @throws StatusError RESOURCE_EXHAUSTED when there are as many as there may be */
  async *watch(service: string, signal: AbortSignal): AsyncGenerator<{ status: ServingStatusNumber }> {
    if (this.running >= this.most) {
      throw new StatusError("RESOURCE_EXHAUSTED", `${this.running} watch the health here, and no more may`, {
        reason: "FARCALL_TOO_MANY_CALLS",
      })
    }
    this.running++
    try {
      let told: ServingStatusNumber | undefined
      while (!signal.aborted) {
        const status = servingStatus[this.statuses.of(service) ?? "SERVICE_UNKNOWN"]
        if (status !== told) yield { status: (told = status) }
        else if (this.ended !== undefined) throw this.ended
        else await this.change(signal)
      }
    } finally {
      this.running--
    }
  }

  /** Something may have changed. */
  wake(): void {
    for (const waiter of this.waiting) waiter()
  }

  /** Ends those that are there and that come, once they know what there is to know. */
  end(reason: StatusError): void {
    this.ended = reason
    this.wake()
  }

  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiter = (): void => {
        this.waiting.delete(waiter)
        signal.removeEventListener("abort", waiter)
        resolve()
      }
      this.waiting.add(waiter)
      signal.addEventListener("abort", waiter)
    })
  }
}
