import { StatusError } from "../core/status-error.js"
import { AuthorizedCall, type CallAuthority } from "./authorized-call.js"
import { type CallCredentials, combineCalls } from "./call-credentials.js"
import { CallQueue } from "./call-queue.js"
import type { ChannelCall, ClientTransport } from "./transport.js"

/** A channel's calls that bring call credentials, each with what stands for it in the channel. */
export class CallAuthorizer implements CallAuthority {
  /** What all calls of the channel bring. */
  private readonly credentials: CallCredentials | undefined
  private readonly channel: AuthorizingHost
  /** Calls whose stand-ins wait for what the credentials answer, and are in no queue themselves. */
  private readonly asking = new CallQueue()

  constructor(credentials: CallCredentials | undefined, channel: AuthorizingHost) {
    this.credentials = credentials
    this.channel = channel
  }

  /** What is to look for a connection in the call's place: the call itself, when it brings no credentials. */
  standIn(call: ChannelCall): ChannelCall {
    const { credentials } = this
    const own = call.credentials
    if (credentials === undefined && own === undefined) return call
    const all = credentials === undefined ? own! : own === undefined ? credentials : combineCalls([credentials, own])
    const authorized = new AuthorizedCall(call, all, this)
    call.standIn = authorized
    return authorized
  }

  /** Begins a call of the channel's own on a connection, with what all calls bring; false when there is no room for it. */
  beginOn(call: ChannelCall, transport: ClientTransport): boolean {
    if (this.credentials === undefined) return call.begin(transport)
    const noRoom = new StatusError("UNAVAILABLE", `${transport.peer} has no room for another call`, {
      reason: "FARCALL_TOO_MANY_CALLS",
    })
    const authorized = new AuthorizedCall(call, this.credentials, {
      start: () => {},
      place: (authorizedNow) => {
        if (!authorizedNow.begin(transport)) authorizedNow.fail(noRoom)
      },
      onAsking: () => {},
      onAuthorized: () => {},
    })
    return authorized.begin(transport)
  }

  /** The call is over. Returns what has stood for it. */
  end(call: ChannelCall): ChannelCall {
    const authorized = call.standIn
    if (authorized === undefined) return call
    this.onAuthorized(authorized)
    authorized.abandon()
    return authorized
  }

  /** Whether the call waits for its credentials. */
  isAsking(call: ChannelCall | undefined): boolean {
    return call?.standIn?.asking === true
  }

  /** Ends the calls that wait for their credentials. */
  failAsking(error: StatusError): void {
    for (const call of this.asking.take(() => true)) call.standIn!.fail(error)
  }

  // ── from the calls ──

  start(call: ChannelCall): void {
    this.channel.start(call)
  }

  onAsking({ call }: AuthorizedCall): void {
    this.asking.push(call)
  }

  place(authorized: AuthorizedCall): void {
    this.asking.remove(authorized.call)
    this.channel.place(authorized)
  }

  onAuthorized({ call }: AuthorizedCall): void {
    this.asking.remove(call)
    call.standIn = undefined
  }
}

/** The channel, as it is to calls that bring credentials. */
export interface AuthorizingHost {
  /** Finds a connection for what stands in for a call. */
  place(call: AuthorizedCall): void
  start(call: ChannelCall): void
}
