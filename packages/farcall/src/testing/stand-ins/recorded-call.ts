import type { Metadata } from "../../core/metadata.js"
import { type AnyMethod, type MethodDefinition, streamsRequests, streamsResponses } from "../../core/service.js"
import type { Status } from "../../core/status.js"
import { callOf, type ServerContext } from "../../server/context.js"

/** A call that came to a mock, as far as it has got. */
export type RecordedCall<Method extends AnyMethod> =
  Method extends MethodDefinition<infer Kind, infer Input, infer _InputInit, infer _Output, infer OutputInit>
    ? Kind extends "unary"
      ? RecordedRequest<Input> & RecordedResponse<OutputInit>
      : Kind extends "clientStreaming"
        ? RecordedRequests<Input> & RecordedResponse<OutputInit>
        : Kind extends "serverStreaming"
          ? RecordedRequest<Input> & RecordedResponses<OutputInit>
          : RecordedRequests<Input> & RecordedResponses<OutputInit>
    : never

/** What is recorded of a call of any kind. */
export interface RecordedCallBase {
  /** What the client sent along. */
  readonly metadata: Metadata
  /** The context that a handler has. */
  readonly context: ServerContext
  /** How the call ended; `undefined` while it runs. */
  readonly status: Status | undefined
  /** Resolves when it has ended. Never rejects. */
  readonly ended: Promise<Status>
}

/** Of a call with one request. */
export interface RecordedRequest<Input> extends RecordedCallBase {
  readonly request: Input
}

/** Of a call that streams requests. */
export interface RecordedRequests<Input> extends RecordedCallBase {
  /** Those that have been read, in order. */
  readonly requests: readonly Input[]
}

/** Of a call with one response. */
export interface RecordedResponse<OutputInit> extends RecordedCallBase {
  /** What was answered; `undefined` while nothing is, and when the call failed. */
  readonly response: OutputInit | undefined
}

/** Of a call that streams responses. */
export interface RecordedResponses<OutputInit> extends RecordedCallBase {
  /** Those that have been sent, in order. */
  readonly responses: readonly OutputInit[]
}

/** Any recorded call, as the mock keeps it. */
export interface CallRecord extends RecordedCallBase {
  status: Status | undefined
  request?: unknown
  readonly requests?: unknown[]
  response?: unknown
  readonly responses?: unknown[]
}

/** Begins the record of a call. */
export function recordCall(method: AnyMethod, context: ServerContext): CallRecord {
  const record: CallRecord = {
    metadata: context.metadata,
    context,
    status: undefined,
    ended: callOf(context).status.then((status) => (record.status = status)),
    ...(streamsRequests(method.kind) ? { requests: [] } : { request: undefined }),
    ...(streamsResponses(method.kind) ? { responses: [] } : { response: undefined }),
  }
  return record
}
