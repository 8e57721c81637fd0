import { ConnectionError } from "./errors.js"
import { ErrorCode } from "./frame/error-code.js"
import type { Limits } from "./limits.js"

/** How long a peer may take to say the first words of HTTP/2. The clock runs from the first time that it is told. */
export class Handshake {
  readonly #limits: Limits
  readonly #expectPreface: boolean
  #startedAt = -1
  #prefaceAt = -1
  #done = false

  /** `expectPreface`: of the server, who hears the client's. A client waits for SETTINGS alone. */
  constructor(limits: Limits, expectPreface: boolean) {
    this.#limits = limits
    this.#expectPreface = expectPreface
  }

  /** The preface is whole, SETTINGS have not come: the time for them runs from the first time that this is told. */
  prefaceCame(now: number): void {
    if (this.#prefaceAt < 0) this.#prefaceAt = now
  }

  /** The peer's SETTINGS have come. */
  finish(): void {
    this.#done = true
  }

  /** What ends the connection when something is overdue at `now`, or undefined. */
  overdue(now: number, prefaceSeen: boolean): ConnectionError | undefined {
    if (this.#done) return undefined
    if (this.#startedAt < 0) this.#startedAt = now
    if (now < this.#deadline()) return undefined
    const wanting = prefaceSeen ? "SETTINGS" : "preface"
    return new ConnectionError(ErrorCode.SETTINGS_TIMEOUT, `no ${wanting} from the peer in time`)
  }

  /** When to ask next; undefined once there is nothing to wait for. 0, that is at once, while the time is not known. */
  nextTimeout(): number | undefined {
    if (this.#done) return undefined
    return this.#startedAt < 0 ? 0 : this.#deadline()
  }

  #deadline(): number {
    const whole = this.#startedAt + this.#limits.handshakeTimeout
    if (!this.#expectPreface) return whole
    const step =
      this.#prefaceAt < 0
        ? this.#startedAt + this.#limits.prefaceTimeout
        : this.#prefaceAt + this.#limits.settingsTimeout
    return Math.min(whole, step)
  }
}
