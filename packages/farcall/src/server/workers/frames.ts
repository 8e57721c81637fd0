import type { AuthContext } from "../../core/auth-context.js"
import type { Metadata } from "../../core/metadata.js"
import type { Reason } from "../../core/reason.js"
import type { StatusDetail } from "../../core/status.js"

/**
 * What the server's thread and a worker thread say to one another. A thread has one call at a time:
 *
 *     server                          worker
 *       | <──────────────────── ready |   the module is loaded
 *       | call ─────────────────────> |   with the request, where there is one
 *       | request ──────────────────> |   of a stream, as far as the window allows
 *       | <──────────────────── taken |   credit for requests
 *       | <───────────────── response |   headers, messages, the status
 *       | taken ────────────────────> |   credit for responses
 *       | cancel ───────────────────> |   the call has ended without the handler
 *       | <─────── response, released |   nothing of the call runs any more: the next may come
 *
 * Messages cross as their bytes. Whatever else a module's code posts on the port is not ours, and is passed over.
 */
export type ToWorker = CallFrame | RequestFrame | TakenFrame | CancelFrame
export type FromWorker = ReadyFrame | ResponseFrame | TakenFrame | FailedFrame

/** What a thread is started with. */
export interface WorkerSetup {
  readonly farcall: {
    /** Names of the compressions that the server knows. */
    readonly compressions: readonly string[]
    /** The one that responses have where a handler does not say. */
    readonly compression: string | undefined
  }
}

export interface ReadyFrame {
  readonly type: "ready"
  /** The service that the module serves. */
  readonly service: string
  /** Paths of the methods that it implements. */
  readonly paths: readonly string[]
}

export interface CallFrame {
  readonly type: "call"
  readonly path: string
  readonly timeoutMs: number
  /** As on the wire. */
  readonly metadata: readonly string[]
  readonly peer: string
  readonly authority: string | undefined
  readonly auth: CarriedAuth | undefined
  /** What the server's tracers send along to those of the worker, as on the wire; `undefined`: nothing. */
  readonly traced: readonly string[] | undefined
  /** The request of a method that has one. */
  readonly request: RequestMessage | undefined
}

export interface RequestMessage {
  readonly bytes: Uint8Array
  /** It was compressed on the wire. */
  readonly compressed: boolean
}

export interface RequestFrame {
  readonly type: "request"
  /** `undefined`: there are no more. */
  readonly request: RequestMessage | undefined
}

/** The receiver has taken messages of this cost. */
interface TakenFrame {
  readonly type: "taken"
  readonly cost: number
}

interface CancelFrame {
  readonly type: "cancel"
  readonly codeNumber: number
  readonly message: string
  readonly reason: Reason | undefined
}

/** Whatever there is to say at once of a response, in this order. */
export interface ResponseFrame {
  readonly type: "response"
  headers?: ResponseHeaders
  message?: ResponseMessage
  ending?: Ending
  released?: true
}

interface ResponseHeaders {
  /** Metadata as on the wire. */
  readonly fields: readonly string[]
  /** They are to go at once. */
  readonly early: boolean
  /** The compression's name, where the handler chose one. */
  readonly compression: string | undefined
}

export interface ResponseMessage {
  readonly bytes: Uint8Array
  /** It may be compressed, where a compression was agreed. */
  readonly compress: boolean
}

export interface Ending {
  readonly codeNumber: number
  readonly message: string
  readonly details: readonly StatusDetail[]
  /** Metadata as on the wire. */
  readonly trailers: readonly string[]
  readonly reason: Reason | undefined
}

/** The handler threw what was no StatusError. */
interface FailedFrame {
  readonly type: "failed"
  /** The method's. */
  readonly path: string
  readonly error: unknown
  /** The error's, which would not cross with it. */
  readonly reason: Reason | undefined
}

/** An AuthContext taken out of the socket. */
export interface CarriedAuth extends Pick<AuthContext, "protocol" | "cipher" | "serverName" | "resumed"> {
  /** The peer's certificate in DER. */
  readonly certificate: Uint8Array | undefined
}

/** Metadata as frames carry it, and `Metadata.fromFields` reads it: as on the wire. */
export function fieldsOf(metadata: Metadata | undefined): string[] {
  const fields: string[] = []
  metadata?.appendTo(fields)
  return fields
}

/**
 * What a message takes of the window between two threads: its bytes, and something for being an object, which an empty
 * one is as well.
 */
export function costOf(bytes: Uint8Array): number {
  return bytes.length + MESSAGE_COST
}

const MESSAGE_COST = 256

/** The memory of a message that is worth handing over; less is copied faster. Nobody else may look into it. */
export function handedOver(bytes: Uint8Array): ArrayBuffer[] {
  return bytes.length >= WORTH_HANDING_OVER ? [bytes.buffer as ArrayBuffer] : []
}

const WORTH_HANDING_OVER = 16 * 1024
