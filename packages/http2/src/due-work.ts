import { handOver } from "./admission.js"
import { type ConnectionCore, Due } from "./connection-core.js"
import type { ConnectionEnding } from "./connection-ending.js"
import { StreamFlag } from "./stream.js"

/** Attends to what was put off while frames or commands were under way: the bits of `core.due`. */
export class DueWork<Owner> {
  readonly #core: ConnectionCore<Owner>
  readonly #ending: ConnectionEnding<Owner>

  constructor(core: ConnectionCore<Owner>, ending: ConnectionEnding<Owner>) {
    this.#core = core
    this.#ending = ending
  }

  /**
   * All that is due, and the end if it has come to that; not to be called in a callback. Commands given in the callbacks
   * may put off more, which is done too.
   * @throws what a callback threw
   */
  settle(): void {
    const core = this.#core
    core.busy = true
    try {
      while (core.due !== 0 && !core.ending) {
        const { due } = core
        core.due = 0
        if ((due & Due.data) !== 0 && core.scheduler.due) core.output.announce()
        if ((due & Due.writable) !== 0) this.#tellWritable()
        if ((due & Due.admission) !== 0) this.#startWaiting()
        if ((due & Due.capacity) !== 0 && core.capacityOwed && core.canOpenStream) {
          core.capacityOwed = false
          core.handler.onCapacity()
        }
        if ((due & Due.idle) !== 0 && core.streams.size === 0) core.handler.onIdle?.()
      }
    } catch (error) {
      this.#ending.fault(error)
    }
    core.busy = false
    this.#ending.complete()
  }

  #tellWritable(): void {
    const core = this.#core
    const streams = core.writables
    core.writables = []
    for (const stream of streams) {
      if (stream.writable && (stream.flags & StreamFlag.endAccepted) === 0) core.handler.onWritable(stream)
    }
  }

  /** Streams that waited get their handlers. */
  #startWaiting(): void {
    const { admission, handler } = this.#core
    for (let next = admission.next(); next !== undefined; next = admission.next()) {
      if (this.#core.ending) return
      handOver(next, handler)
    }
  }
}
