import type { MessageCodec } from "../core/service.js"
import * as codec from "../gen/google/rpc/error_details_codec.js"
import type * as message from "../gen/google/rpc/error_details_pb.js"

// Each name is both the message's type and what reads and writes it: `findDetail(error, BadRequest)`.

/** What went wrong, for programs: a reason within a domain. */
export type ErrorInfo = message.ErrorInfo
export const ErrorInfo: MessageCodec<ErrorInfo> = codec.ErrorInfoCodec

/** When it is of use to try again. */
export type RetryInfo = message.RetryInfo
export const RetryInfo: MessageCodec<RetryInfo> = codec.RetryInfoCodec

/** For those who mend the server; not for the outside. */
export type DebugInfo = message.DebugInfo
export const DebugInfo: MessageCodec<DebugInfo> = codec.DebugInfoCodec

/** Which quotas have been used up. */
export type QuotaFailure = message.QuotaFailure
export const QuotaFailure: MessageCodec<QuotaFailure> = codec.QuotaFailureCodec

/** What would have to be otherwise before the call can succeed. */
export type PreconditionFailure = message.PreconditionFailure
export const PreconditionFailure: MessageCodec<PreconditionFailure> = codec.PreconditionFailureCodec

/** What is wrong with the request itself, whatever the state of the server. */
export type BadRequest = message.BadRequest
export const BadRequest: MessageCodec<BadRequest> = codec.BadRequestCodec

/** What a user can name when they report the error. */
export type RequestInfo = message.RequestInfo
export const RequestInfo: MessageCodec<RequestInfo> = codec.RequestInfoCodec

/** Which resource it is about. */
export type ResourceInfo = message.ResourceInfo
export const ResourceInfo: MessageCodec<ResourceInfo> = codec.ResourceInfoCodec

/** Where to read on. */
export type Help = message.Help
export const Help: MessageCodec<Help> = codec.HelpCodec

/** The error in the user's language. */
export type LocalizedMessage = message.LocalizedMessage
export const LocalizedMessage: MessageCodec<LocalizedMessage> = codec.LocalizedMessageCodec

/** One of the ten, told apart by `$typeName`. */
export type StandardDetail =
  | ErrorInfo
  | RetryInfo
  | DebugInfo
  | QuotaFailure
  | PreconditionFailure
  | BadRequest
  | RequestInfo
  | ResourceInfo
  | Help
  | LocalizedMessage

/** The ten by their full names. */
export const standardDetails: ReadonlyMap<string, MessageCodec<StandardDetail>> = new Map(
  [
    ErrorInfo,
    RetryInfo,
    DebugInfo,
    QuotaFailure,
    PreconditionFailure,
    BadRequest,
    RequestInfo,
    ResourceInfo,
    Help,
    LocalizedMessage,
  ].map((type) => [type.typeName, type as MessageCodec<StandardDetail>]),
)
