import { AbortListeners } from "../core/abort-listeners.js"
import { okStatus, type Status } from "../core/status.js"
import type { StatusError } from "../core/status-error.js"

/**
 * Those who are told how a call has ended, whether they ask before or after. Most calls have none: a signal alone costs
 * as much as four calls.
 */
export class EndWatchers {
  /** Told once, as `signal` tells handlers; `undefined`: OK. */
  onEnded: ((reason: StatusError | undefined) => void) | undefined = undefined
  private ended = false
  private reason: StatusError | undefined = undefined
  private controller: AbortController | undefined = undefined
  private abortListeners: AbortListeners | undefined = undefined
  private promise: Promise<Status> | undefined = undefined
  private resolve: ((status: Status) => void) | undefined = undefined

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.ended) this.controller.abort(this.reason ?? callOver)
    }
    return this.controller.signal
  }

  /** They are told what `signal` tells. */
  get listeners(): AbortListeners {
    if (this.abortListeners === undefined) {
      this.abortListeners = new AbortListeners()
      if (this.ended) this.abortListeners.abort(this.reason ?? callOver)
    }
    return this.abortListeners
  }

  get status(): Promise<Status> {
    return (this.promise ??= new Promise((resolve) => {
      if (this.ended) resolve(statusOf(this.reason))
      else this.resolve = resolve
    }))
  }

  /** @param reason `undefined`: the call has ended OK */
  end(reason: StatusError | undefined): void {
    this.ended = true
    this.reason = reason
    this.controller?.abort(reason ?? callOver)
    this.abortListeners?.abort(reason ?? callOver)
    this.onEnded?.(reason)
    this.resolve?.(statusOf(reason))
  }
}

function statusOf(reason: StatusError | undefined): Status {
  return reason === undefined ? okStatus : reason.status
}

/** What the signal of a call that ended OK is aborted with. Made once: a new one would cost several calls. */
const callOver = new DOMException("the call has ended", "AbortError")
