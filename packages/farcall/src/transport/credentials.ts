import { type CallCredentials, combineCalls, isCallCredentials } from "../client/call-credentials.js"
import { badOption, withReason } from "../core/reason.js"
import { TlsCredentials } from "./tls-credentials.js"

/** How a connection proves who it talks to, and keeps what is said on it private. */
export type Credentials = InsecureCredentials | LocalCredentials | TlsCredentials

/** What a channel takes: credentials of its connections, and perhaps those of every call on them. */
export type ChannelCredentials = Credentials | CompositeCredentials

/** Plaintext: no proof, no privacy. */
export interface InsecureCredentials {
  readonly kind: "insecure"
}

/** Plaintext that does not leave the machine. */
export interface LocalCredentials {
  readonly kind: "local"
}

/** A channel's credentials with those of its calls. Made by `combine`. */
export interface CompositeCredentials {
  readonly kind: "composite"
  readonly transport: Credentials
  readonly calls: CallCredentials
}

/**
 * Says that plaintext is meant. Only needed where it can leave the machine: a client's target or a server's address
 * that is neither loopback nor a unix socket.
 */
export function insecure(): InsecureCredentials {
  return insecureCredentials
}

/**
 * Says that plaintext is meant, and that it must not leave the machine: an address that is neither loopback nor a unix
 * socket is refused. Over a unix socket, which nobody else can listen to, call credentials may go with it.
 */
export function local(): LocalCredentials {
  return localCredentials
}

const insecureCredentials: InsecureCredentials = Object.freeze({ kind: "insecure" })
const localCredentials: LocalCredentials = Object.freeze({ kind: "local" })

/**
 * A channel's credentials whose every call brings call credentials as well; or several call credentials as one, whose
 * metadata goes along in their order.
 * @throws TypeError for call credentials with `insecure()`: what they prove could be overheard
 */
export function combine(channel: ChannelCredentials, ...calls: readonly CallCredentials[]): CompositeCredentials
export function combine(first: CallCredentials, ...others: readonly CallCredentials[]): CallCredentials
export function combine(
  first: ChannelCredentials | CallCredentials,
  ...others: readonly CallCredentials[]
): CompositeCredentials | CallCredentials {
  if (isCallCredentials(first)) return combineCalls([first, ...others])
  const transport = transportCredentials(first)!
  if (transport === insecureCredentials) {
    throw withReason(
      "FARCALL_PLAINTEXT",
      new TypeError("combine: call credentials are not sent in plaintext, as insecure() would have it"),
    )
  }
  const calls = first.kind === "composite" ? [first.calls, ...others] : others
  return { kind: "composite", transport, calls: combineCalls(calls) }
}

/** Those of a channel's connections. */
export function transportCredentials(credentials: ChannelCredentials | undefined): Credentials | undefined {
  return credentials?.kind === "composite" ? credentials.transport : credentials
}

/** What a channel has all its calls bring. */
export function callCredentialsOf(credentials: ChannelCredentials | undefined): CallCredentials | undefined {
  return credentials?.kind === "composite" ? credentials.calls : undefined
}

/** The `:authority` of calls, where the credentials say whom they are for. */
export function impliedAuthority(credentials: ChannelCredentials | undefined): string | undefined {
  const transport = transportCredentials(credentials)
  return transport?.kind === "tls" ? transport.options.serverName : undefined
}

/**
 * The rule for both sides: plaintext that can leave the machine must be said in so many words.
 * @param where the function that the user called, for the error
 * @param what the target or address, as the user gave it
 * @param onMachine whether all of it is loopback, a unix socket or memory
 * @throws TypeError when it is not and no credentials were given, or local ones; or when they are of no known kind.
 */
export function checkCredentials(
  where: string,
  what: string,
  onMachine: boolean,
  credentials: Credentials | undefined,
): Credentials {
  if (credentials === undefined) {
    if (onMachine) return insecureCredentials
    throw withReason(
      "FARCALL_PLAINTEXT",
      new TypeError(
        `${where}: ${JSON.stringify(what)} goes beyond this machine, and plaintext must be said: pass { credentials: insecure() }, or tls()`,
      ),
    )
  }
  if (credentials === localCredentials && !onMachine) {
    throw withReason(
      "FARCALL_PLAINTEXT",
      new TypeError(`${where}: ${JSON.stringify(what)} goes beyond this machine, and local() does not`),
    )
  }
  const known =
    credentials === insecureCredentials || credentials === localCredentials || credentials instanceof TlsCredentials
  if (known) return credentials
  throw badOption(`${where}: credentials must be made by tls(), insecure() or local(), not ${typeof credentials}`)
}
