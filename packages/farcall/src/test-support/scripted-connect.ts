import type { ConnectAttempt, ConnectTransport } from "../balance/connection-attempt.js"
import type { CallCredentials } from "../client/call-credentials.js"
import type {
  ChannelCall,
  ClientStream,
  ClientTransport,
  RequestHead,
  StreamListener,
  TransportListener,
} from "../client/transport.js"
import type { AnyMethod } from "../core/service.js"
import type { StatusError } from "../core/status-error.js"
import { type Address, formatAddress } from "../transport/address.js"
import { Parrot } from "./parrot.js"

/** A connect function whose attempts end as a test says, and the connections it made. */
export class ScriptedConnect {
  /** All attempts, in order. */
  readonly attempts: ScriptedAttempt[] = []
  readonly connect: ConnectTransport = (address, listener, context) => {
    const attempt = new ScriptedAttempt(address, listener, context)
    this.attempts.push(attempt)
    this.onAttempt?.(attempt)
    return attempt.promise
  }
  /** Ends attempts as they start. */
  onAttempt: ((attempt: ScriptedAttempt) => void) | undefined

  get last(): ScriptedAttempt {
    return this.attempts.at(-1)!
  }

  /** The addresses of all attempts. */
  get peers(): string[] {
    return this.attempts.map(({ peer }) => peer)
  }
}

export class ScriptedAttempt {
  readonly peer: string
  readonly context: ConnectAttempt
  readonly promise: Promise<ClientTransport>
  /** It has led to a connection, or failed, or was aborted. */
  ended = false
  private readonly address: Address
  private readonly listener: TransportListener
  private resolve!: (transport: ClientTransport) => void
  private reject!: (error: unknown) => void

  constructor(address: Address, listener: TransportListener, context: ConnectAttempt) {
    this.address = address
    this.peer = formatAddress(address)
    this.listener = listener
    this.context = context
    this.promise = new Promise((resolve, reject) => {
      this.resolve = (transport) => {
        this.ended = true
        resolve(transport)
      }
      this.reject = (error) => {
        this.ended = true
        reject(error)
      }
    })
    context.signal.addEventListener("abort", () => this.reject(new Error("aborted")), { once: true })
  }

  get aborted(): boolean {
    return this.context.signal.aborted
  }

  /** The server has answered: a connection with room for `capacity` streams. */
  succeed(capacity: number = Number.POSITIVE_INFINITY): ScriptedTransport {
    const transport = new ScriptedTransport(this.peer, this.listener, capacity)
    this.resolve(transport)
    return transport
  }

  fail(error: unknown): void {
    this.reject(error)
  }

  /** As node says it when nobody listens. */
  refuse(): void {
    const place = this.address.kind === "tcp" ? `${this.address.host}:${this.address.port}` : this.peer
    this.reject(Object.assign(new Error(`connect ECONNREFUSED ${place}`), { code: "ECONNREFUSED" }))
  }
}

/** For `onAttempt`: nobody listens anywhere. */
export function refuse(attempt: ScriptedAttempt): void {
  attempt.refuse()
}

/** A connection of which a test says how many streams it takes. */
export class ScriptedTransport implements ClientTransport {
  readonly peer: string
  capacity: number
  readonly secure = false
  accepting = true
  draining = false
  openStreams = 0
  closed: string | undefined = undefined
  readonly listener: TransportListener

  constructor(peer: string, listener: TransportListener, capacity: number) {
    this.peer = peer
    this.listener = listener
    this.capacity = capacity
  }

  private take(): boolean {
    if (!this.accepting || this.capacity === 0) return false
    this.capacity--
    this.openStreams++
    return true
  }

  /** Takes a stream that does nothing, if there is room. */
  open(): ClientStream | undefined {
    return this.take() ? ({ cancel: () => this.free(1) } as ClientStream) : undefined
  }

  drain(): void {
    this.accepting = false
    this.draining = true
  }

  close(reason: string): void {
    if (this.closed !== undefined) return
    this.accepting = false
    this.closed = reason
    setImmediate(() => this.listener.onClosed(undefined))
  }

  /** `streams` streams have ended. */
  free(streams: number): void {
    this.capacity += streams
    this.openStreams = Math.max(0, this.openStreams - streams)
    this.listener.onCapacity()
  }

  /** The server has sent GOAWAY. */
  goAway(): void {
    this.accepting = false
    this.listener.onDraining("the server sent GOAWAY")
  }

  /** The server is gone. */
  lose(message = "read ECONNRESET"): void {
    this.accepting = false
    this.closed = message
    this.listener.onClosed(new Error(message))
  }
}

/** Hears nothing of a scripted stream. */
const silent: StreamListener = {
  onHeaders: () => {},
  onMessage: () => true,
  onPartial: () => {},
  onWritable: () => {},
  onEnd: () => {},
}

/** A call that only records what it was told. */
export class ScriptedCall implements ChannelCall {
  readonly method: AnyMethod = Parrot.methods.say
  readonly authority = "localhost"
  readonly credentials: CallCredentials | undefined = undefined
  readonly waitForReady: boolean
  /** Where it began. */
  peer: string | undefined = undefined
  error: StatusError | undefined = undefined
  private readonly onEnd: ((call: ScriptedCall) => void) | undefined

  constructor(waitForReady = false, onEnd?: (call: ScriptedCall) => void) {
    this.waitForReady = waitForReady
    this.onEnd = onEnd
  }

  /** In one word. */
  get state(): string {
    return this.peer ?? this.error?.code ?? "waiting"
  }

  begin(transport: ClientTransport): boolean {
    if (this.state !== "waiting") throw new Error(`begun a second time, after ${this.state}`)
    if (transport.open({} as RequestHead, silent) === undefined) return false
    this.peer = transport.peer
    this.onEnd?.(this)
    return true
  }

  fail(error: StatusError): void {
    if (this.state !== "waiting") throw new Error(`failed after ${this.state}`)
    this.error = error
    this.onEnd?.(this)
  }
}
