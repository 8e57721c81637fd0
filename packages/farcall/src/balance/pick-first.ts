import type { Balancing } from "../client/service-config.js"
import type { ChannelCall, ClientTransport } from "../client/transport.js"
import type { Timer } from "../core/clock.js"
import type { ConnectivityState } from "../core/connectivity.js"
import { type Address, formatAddress } from "../transport/address.js"
import { distinct, inTurns, shuffled } from "./address-order.js"
import type { Balancer, BalancerHost } from "./balancer.js"
import { FailingPicker, type Picker, WaitingPicker } from "./picker.js"
import { describeError, type Subchannel, type SubchannelListener } from "./subchannel.js"

/**
 * gRPC's default policy: tries the addresses in order and stays with the first that connects. When that connection is
 * lost the policy is IDLE, and the next call makes it try again from the first address on.
 *
 * An address that does not answer holds nobody up: the next one is tried beside it when it has failed or after 250 ms,
 * and the families of IP take turns (Happy Eyeballs, RFC 8305 §4, §5; gRPC A61).
 *
 * Once all addresses have failed it says TRANSIENT_FAILURE until one of them connects, while each is tried again by its
 * own backoff (sticky transient failure, gRPC A62).
 */
export class PickFirst implements Balancer, SubchannelListener {
  private readonly host: BalancerHost
  /** Whether chance decides on the order of the addresses (gRPC A62). */
  private readonly shuffles: boolean
  private state: ConnectivityState = "CONNECTING"
  private addresses: readonly Address[] = []
  /** Those of the addresses that are being tried, in order; when READY, only the one that is used. */
  private subchannels: readonly Subchannel[] = []
  private selected: Subchannel | undefined = undefined
  /** Where in `subchannels` the pass is; at their end when all have been tried. */
  private cursor = 0
  /** Runs until the next address is tried beside the one at the cursor. */
  private delay: Timer | undefined = undefined
  private readonly errors = new Map<Subchannel, Error>()
  private lastError: Error | undefined = undefined
  /** How the connection before was lost, until there is one again. */
  private loss: string | undefined = undefined

  constructor(host: BalancerHost, config: Balancing) {
    this.host = host
    this.shuffles = config.policy === "pick_first" && config.shuffleAddressList
  }

  onAddresses(addresses: readonly Address[]): void {
    const all = distinct(addresses)
    this.addresses = inTurns(this.shuffles ? shuffled(all, () => this.host.random()) : all)
    if (this.state === "IDLE") return
    if (this.selected !== undefined) {
      const name = this.selected.name
      if (this.addresses.some((address) => formatAddress(address) === name)) return
      this.selected = undefined
    }
    this.startPass()
  }

  onResolverError(error: Error, retryAt: number): void {
    if (this.addresses.length > 0) return
    this.lastError = error
    this.state = "TRANSIENT_FAILURE"
    this.host.update(this.state, new FailingPicker(error.message, error, retryAt))
  }

  exitIdle(): void {
    if (this.state === "IDLE") this.startPass()
  }

  close(): void {
    this.delay?.cancel()
    for (const subchannel of this.subchannels) subchannel.retire()
    this.subchannels = []
  }

  onState(subchannel: Subchannel): void {
    switch (subchannel.state) {
      case "READY":
        this.select(subchannel)
        break
      case "TRANSIENT_FAILURE":
        this.lastError = subchannel.lastError!
        this.errors.set(subchannel, this.lastError)
        if (this.errors.size === this.subchannels.length) this.host.resolve()
        // One that was overtaken has failed: the pass is where it was.
        if (this.delay !== undefined && this.subchannels[this.cursor] !== subchannel) this.publish()
        else this.continuePass()
        break
      case "IDLE":
        if (subchannel === this.selected) this.lose(subchannel)
        else if (this.cursor === this.subchannels.length) subchannel.connect()
        break
      default:
        this.publish()
    }
  }

  /** Tries the addresses in order; subchannels that are at it already, or in their backoff, are kept. */
  private startPass(): void {
    const before = new Map(this.subchannels.map((subchannel) => [subchannel.name, subchannel]))
    this.subchannels = this.addresses.map((address) => {
      const kept = before.get(formatAddress(address))
      before.delete(formatAddress(address))
      return kept ?? this.host.createSubchannel(address, this)
    })
    for (const gone of before.values()) {
      this.errors.delete(gone)
      gone.retire()
    }
    // Failure is sticky as long as an address that has failed is still among them.
    if (this.errors.size === 0) this.state = "CONNECTING"
    this.cursor = 0
    this.continuePass()
  }

  private continuePass(): void {
    this.delay?.cancel()
    this.delay = undefined
    for (; this.cursor < this.subchannels.length; this.cursor++) {
      const subchannel = this.subchannels[this.cursor]!
      if (subchannel.state === "TRANSIENT_FAILURE") continue
      this.waitForAnswer()
      if (subchannel.state === "IDLE") subchannel.connect()
      else this.publish()
      return
    }
    if (this.errors.size === this.subchannels.length) {
      this.state = "TRANSIENT_FAILURE"
      // Those tried first may have had their backoff while the others were tried.
      for (const subchannel of this.subchannels) subchannel.connect()
    }
    this.publish()
  }

  /** The address at the cursor has a while to itself, unless it is the last one. */
  private waitForAnswer(): void {
    if (this.cursor + 1 === this.subchannels.length) return
    this.delay = this.host.clock.after(ATTEMPT_DELAY_MS, () => {
      this.cursor++
      this.continuePass()
    })
  }

  private select(subchannel: Subchannel): void {
    this.delay?.cancel()
    this.delay = undefined
    this.selected = subchannel
    for (const other of this.subchannels) if (other !== subchannel) other.retire()
    this.subchannels = [subchannel]
    this.cursor = 1
    this.errors.clear()
    this.loss = undefined
    this.state = "READY"
    this.host.update(this.state, new ConnectionPicker(subchannel.transport!))
  }

  private lose(subchannel: Subchannel): void {
    this.lastError = subchannel.lastError
    this.selected = undefined
    this.subchannels = []
    subchannel.retire()
    this.state = "IDLE"
    this.host.resolve()
    this.loss = `a connection that ended (${describeError(subchannel, subchannel.lastError!)})`
    this.host.update(this.state, new WaitingPicker(`idle after ${this.loss}`, this.lastError))
  }

  private publish(): void {
    this.host.update(this.state, this.picker())
  }

  private picker(): Picker {
    const failures = [...this.errors].map(([subchannel, error]) => describeError(subchannel, error))
    if (this.state === "TRANSIENT_FAILURE") {
      const connecting = this.subchannels.some(({ state }) => state === "CONNECTING")
      const retryAt = connecting ? 0 : Math.min(...this.subchannels.map((subchannel) => subchannel.retryAt))
      return new FailingPicker(failures.join("; "), this.lastError, retryAt)
    }
    const now = this.subchannels.filter(({ state }) => state === "CONNECTING").map(({ name }) => name)
    if (this.loss !== undefined) failures.unshift(this.loss)
    const past = failures.length > 0 ? `, after ${failures.join("; ")}` : ""
    return new WaitingPicker(`connecting to ${now.join(", ")}${past}`, this.lastError)
  }
}

/** All calls take one connection. */
class ConnectionPicker implements Picker {
  readonly failing = false
  readonly cause: undefined = undefined
  private readonly transport: ClientTransport

  constructor(transport: ClientTransport) {
    this.transport = transport
  }

  place(call: ChannelCall): boolean {
    return call.begin(this.transport)
  }

  describe(_now: number): string {
    return `${this.transport.peer} allows no more streams at once`
  }
}

/** How long an address has before the next one is tried beside it, in milliseconds: RFC 8305 §8's recommendation. */
const ATTEMPT_DELAY_MS = 250
