import { Connection } from "../connection.js"
import type { Recorder } from "./recorder.js"

/**
 * A client and a server with a path between them: each way takes its time, and brings so many bytes a millisecond. The
 * clock is the test's, a millisecond a step.
 */
export class SimulatedLink {
  readonly client: Connection<string>
  readonly server: Connection<string>
  now = 1000
  bytesToClient = 0
  /** All that the client has said. */
  readonly sentByClient: Uint8Array[] = []

  readonly #toServer: Direction
  readonly #toClient: Direction

  /** @param delay milliseconds each way */
  constructor(client: Recorder, server: Recorder, bytesPerMillisecond: number, delay: number) {
    this.client = new Connection("client", client)
    this.server = new Connection("server", server)
    this.#toServer = new Direction(this.client, this.server, bytesPerMillisecond, delay)
    this.#toClient = new Direction(this.server, this.client, bytesPerMillisecond, delay)
  }

  run(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end; this.now++) {
      this.sentByClient.push(...this.#toServer.step(this.now).map((segment) => segment.slice()))
      for (const segment of this.#toClient.step(this.now)) this.bytesToClient += segment.length
    }
  }
}

class Direction {
  readonly #from: Connection<string>
  readonly #to: Connection<string>
  readonly #bytesPerMillisecond: number
  readonly #delay: number
  /** Segments that are under way, in order, and when the last byte of each arrives. */
  readonly #underWay: { readonly segment: Uint8Array; readonly at: number }[] = []
  /** When the path has brought all that was put on it. */
  #busyUntil = 0
  /** When each batch has left the sender. */
  readonly #leaving: number[] = []

  constructor(from: Connection<string>, to: Connection<string>, bytesPerMillisecond: number, delay: number) {
    this.#from = from
    this.#to = to
    this.#bytesPerMillisecond = bytesPerMillisecond
    this.#delay = delay
  }

  /** A millisecond: the sender puts a batch on its way when the one before has left. Returns what has arrived. */
  step(now: number): Uint8Array[] {
    while (this.#leaving.length > 0 && this.#leaving[0] <= now) {
      this.#leaving.shift()
      this.#from.written()
    }
    if (this.#leaving.length === 0) {
      const batch = this.#from.takeOutput()
      for (const segment of batch) {
        this.#busyUntil = Math.max(this.#busyUntil, now) + segment.length / this.#bytesPerMillisecond
        // Copied, as the sender uses its buffers again when the batch has left.
        this.#underWay.push({ segment: segment.slice(), at: this.#busyUntil + this.#delay })
      }
      if (batch.length > 0) this.#leaving.push(this.#busyUntil)
    }
    const arrived: Uint8Array[] = []
    while (this.#underWay.length > 0 && this.#underWay[0].at <= now) {
      const { segment } = this.#underWay.shift()!
      this.#to.receive(segment, 0, segment.length, now)
      arrived.push(segment)
    }
    return arrived
  }
}
