import type { Ender } from "../core/call-tracer.js"
import type { Reason } from "../core/reason.js"
import type { MethodKind } from "../core/service.js"
import type { Status } from "../core/status.js"

/** A call that has ended. Made of plain values, so that it can be given to a structured log as it is. */
export interface LoggedCall {
  readonly side: "client" | "server"
  /** `/package.Service/Method`; on a server as the client wrote it. */
  readonly path: string
  /** `undefined` on a server where no service that was added has the method. */
  readonly kind: MethodKind | undefined
  /** The other side's address; `undefined` on a client whose call never got a connection. */
  readonly peer: string | undefined
  readonly status: Status
  readonly endedBy: Ender
  /** What Farcall itself found wrong (docs/reasons.md); `undefined` of what the other side, or a handler, has said. */
  readonly reason: Reason | undefined
  /** From the call's beginning to its end, in milliseconds. */
  readonly durationMs: number
  /** Messages, and bytes of them as they were on the wire, without gRPC's prefixes; a client's in all of its attempts. */
  readonly sentMessages: number
  readonly sentBytes: number
  readonly receivedMessages: number
  readonly receivedBytes: number
  /** On a client: how many attempts it took; on a server: which of them this was. */
  readonly attempts: number
  /** Where the call's metadata has one. */
  readonly requestId: string | undefined
  /**
   * What the client sent along, by key, without a prototype. Values that are not shown are told by their length alone:
   * `"(23 bytes)"`. Empty unless asked for.
   */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The call in a line:
 *
 *     server unary /greeter.Greeter/SayHello ipv4:127.0.0.1:40312 OK 1.3 ms, received 5 bytes, sent 12 bytes
 *     client unary /greeter.Greeter/SayHello ipv4:127.0.0.1:50051 NOT_FOUND "there is no Ada" 2.0 ms, sent 15 bytes in 3 messages, 3 attempts
 */
export function lineOf(call: LoggedCall): string {
  const { side, path, kind, peer, status, durationMs, attempts, requestId, metadata } = call
  const head = [side, kind ?? "unknown", printable(path), peer ?? "(no connection)", status.code]
  if (call.reason !== undefined) head.push(call.reason)
  // Quoted, and so one line, whatever the peer put into it.
  if (status.code !== "OK") head.push(JSON.stringify(status.message))
  head.push(`${durationMs.toFixed(1)} ms`)
  const parts = [head.join(" ")]
  if (call.receivedMessages > 0) parts.push(sizes(call.receivedMessages, call.receivedBytes, "received"))
  if (call.sentMessages > 0) parts.push(sizes(call.sentMessages, call.sentBytes, "sent"))
  if (attempts !== 1) parts.push(side === "client" ? `${attempts} attempts` : `attempt ${attempts}`)
  if (requestId !== undefined) parts.push(`request ${printable(requestId)}`)
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return parts.join(", ") + (pairs.length === 0 ? "" : ` {${pairs.join(" ")}}`)
}

function sizes(messages: number, bytes: number, what: "received" | "sent"): string {
  return `${what} ${bytes} bytes${messages === 1 ? "" : ` in ${messages} messages`}`
}

/** As it is where it is plain and in one piece, else in quotes. */
function printable(text: string): string {
  return /^[!#-~]+$/.test(text) ? text : JSON.stringify(text)
}
