import { StatusError } from "../core/status-error.js"
import { AuthorizedCall, type AuthorizingChannel } from "./authorized-call.js"
import { type CallCredentials, combineCalls } from "./call-credentials.js"
import type { ChannelCall, ClientTransport } from "./transport.js"

/** A channel's calls that bring call credentials, each with what stands for it in the channel. */
export class CallAuthorizer {
  /** What all calls of the channel bring. */
  private readonly credentials: CallCredentials | undefined
  private readonly channel: Pick<AuthorizingChannel, "start" | "place">
  private readonly calls = new Map<ChannelCall, AuthorizedCall>()

  constructor(credentials: CallCredentials | undefined, channel: Pick<AuthorizingChannel, "start" | "place">) {
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
    this.calls.set(call, authorized)
    return authorized
  }

  /** Begins a call of the channel's own on a connection, with what all calls bring; false when there is no room for it. */
  beginOn(call: ChannelCall, transport: ClientTransport): boolean {
    if (this.credentials === undefined) return call.begin(transport)
    const noRoom = new StatusError("UNAVAILABLE", `${transport.peer} has no room for another call`)
    const authorized = new AuthorizedCall(call, this.credentials, {
      start: () => {},
      place: (authorizedNow) => {
        if (!authorizedNow.begin(transport)) authorizedNow.fail(noRoom)
      },
      onAuthorized: () => {},
    })
    return authorized.begin(transport)
  }

  /** The call is over. Returns what has stood for it. */
  end(call: ChannelCall): ChannelCall {
    const authorized = this.calls.get(call)
    if (authorized === undefined) return call
    this.calls.delete(call)
    authorized.abandon()
    return authorized
  }

  /** Whether the call waits for its credentials. */
  isAsking(call: ChannelCall | undefined): boolean {
    return call !== undefined && this.calls.get(call)?.asking === true
  }

  /** Ends the calls that wait for their credentials. */
  failAsking(error: StatusError): void {
    for (const authorized of [...this.calls.values()]) if (authorized.asking) authorized.fail(error)
  }

  // ── from the calls ──

  start(call: ChannelCall): void {
    this.channel.start(call)
  }

  place(call: AuthorizedCall): void {
    this.channel.place(call)
  }

  onAuthorized({ call }: AuthorizedCall): void {
    this.calls.delete(call)
  }
}
