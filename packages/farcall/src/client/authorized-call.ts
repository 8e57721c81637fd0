import type { AttemptTracing } from "../core/client-call-tracing.js"
import { Metadata } from "../core/metadata.js"
import { isServersOwn } from "../core/servers-own.js"
import type { AnyMethod } from "../core/service.js"
import { StatusError } from "../core/status-error.js"
import type { CallCredentials, CredentialsRequest } from "./call-credentials.js"
import type { QueuePlace } from "./call-queue.js"
import type { MethodConfig } from "./service-config.js"
import type { ChannelCall, ClientStream, ClientTransport, RequestHead, StreamListener } from "./transport.js"
import { restart } from "./waiting-calls.js"

/**
 * A call, or an attempt at one, that brings call credentials. It stands for the call in the channel: when a connection is
 * there that may carry them, they are asked for the call's metadata; with that it looks for a connection again, where it
 * can no longer wait for anything else.
 *
 *     waiting ── begin ──> asking ── metadata ──> waiting ── begin ──> the call begins
 *        └─ fail            └─ an error ─> the call fails
 */
export class AuthorizedCall implements ChannelCall {
  readonly call: ChannelCall
  readonly credentials: CallCredentials
  /** The credentials' answer is waited for: the call is in no queue. */
  asking = false
  queuePlace: QueuePlace | undefined = undefined
  private readonly host: CallAuthority
  /** What the credentials are asked with, once they are. */
  private request: AskedCredentials | undefined = undefined
  private metadata: Metadata | undefined = undefined

  constructor(call: ChannelCall, credentials: CallCredentials, host: CallAuthority) {
    this.call = call
    this.credentials = credentials
    this.host = host
  }

  get method(): AnyMethod {
    return this.call.method
  }

  get authority(): string {
    return this.call.authority
  }

  get waitForReady(): boolean {
    return this.call.waitForReady
  }

  begin(transport: ClientTransport): boolean {
    if (this.metadata !== undefined) {
      if (!this.call.begin(new AuthorizedTransport(transport, this.metadata))) return false
      this.host.onAuthorized(this)
      return true
    }
    if (transport.secure) void this.ask()
    else {
      const where = `the connection to ${transport.peer} is plaintext`
      this.fail(new StatusError("UNAUTHENTICATED", `${where}, over which call credentials are not sent`))
    }
    return true
  }

  fail(error: StatusError): void {
    this.asking = false
    this.host.onAuthorized(this)
    this.call.fail(error)
  }

  restart(): void {
    this.host.onAuthorized(this)
    restart(this.call, this.host)
  }

  /** The call is over, whatever the credentials answer. */
  abandon(): void {
    this.asking = false
    this.request?.abandon()
  }

  private async ask(): Promise<void> {
    this.asking = true
    this.host.onAsking(this)
    this.request = new AskedCredentials(this.authority, this.method.path)
    let metadata: Metadata
    try {
      metadata = await this.credentials.metadataFor(this.request)
    } catch (error) {
      if (this.asking) this.fail(statusOf(error))
      return
    }
    if (!this.asking) return
    this.asking = false
    this.metadata = metadata
    this.host.place(this)
  }
}

/** What credentials are told of a call; made where they look. */
class AskedCredentials implements CredentialsRequest {
  private readonly authority: string
  private readonly path: string
  private abortion: AbortController | undefined = undefined
  private abandoned = false

  constructor(authority: string, path: string) {
    this.authority = authority
    this.path = path
  }

  get serviceUrl(): string {
    // gRPC's own port of https is not part of it, as in its other implementations.
    return `https://${this.authority.replace(/:443$/, "")}${this.path.slice(0, this.path.lastIndexOf("/"))}`
  }

  get methodName(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1)
  }

  get signal(): AbortSignal {
    if (this.abortion === undefined) {
      this.abortion = new AbortController()
      if (this.abandoned) this.abortion.abort()
    }
    return this.abortion.signal
  }

  abandon(): void {
    this.abandoned = true
    this.abortion?.abort()
  }
}

/** What an authorized call needs of its channel. */
export interface CallAuthority {
  start(call: ChannelCall): void
  /** It waits for the credentials' answer, until it is placed, or over. */
  onAsking(call: AuthorizedCall): void
  /** Finds a connection, as for any other call. */
  place(call: AuthorizedCall): void
  /** The call has begun or failed. */
  onAuthorized(call: AuthorizedCall): void
}

/** A connection as a call sees it that brings credentials: what they gave goes into its request. */
class AuthorizedTransport implements ClientTransport {
  readonly peer: string
  readonly openStreams: number
  readonly secure: boolean
  private readonly transport: ClientTransport
  private readonly metadata: Metadata

  constructor(transport: ClientTransport, metadata: Metadata) {
    this.transport = transport
    this.metadata = metadata
    this.peer = transport.peer
    this.openStreams = transport.openStreams
    this.secure = transport.secure
  }

  open(request: RequestHead, listener: StreamListener): ClientStream | undefined {
    return this.transport.open(new AuthorizedHead(request, this.metadata), listener)
  }

  drain(): void {
    this.transport.drain()
  }

  close(reason: string): void {
    this.transport.close(reason)
  }
}

class AuthorizedHead implements RequestHead {
  readonly method: AnyMethod
  readonly authority: string
  readonly metadata: Metadata
  readonly timeoutMs: number
  readonly config: MethodConfig | undefined
  readonly compression: string | undefined
  readonly tracing: AttemptTracing | undefined

  constructor(head: RequestHead, credentials: Metadata) {
    this.method = head.method
    this.authority = head.authority
    this.metadata = new Metadata(head.metadata).merge(credentials)
    this.timeoutMs = head.timeoutMs
    this.config = head.config
    this.compression = head.compression
    this.tracing = head.tracing
  }
}

/** How a call ends whose credentials have failed. */
function statusOf(error: unknown): StatusError {
  if (!(error instanceof StatusError)) {
    const text = error instanceof Error ? error.message : String(error)
    return new StatusError("UNAUTHENTICATED", `the call credentials failed: ${text}`, {
      cause: error,
      reason: "FARCALL_CREDENTIALS_FAILED",
    })
  }
  if (!isServersOwn(error)) return error
  const text = `the call credentials failed with ${error.code}: ${error.message}`
  return new StatusError("INTERNAL", text, { cause: error, reason: "FARCALL_CREDENTIALS_FAILED" })
}
