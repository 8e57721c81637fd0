export {
  BadRequest,
  DebugInfo,
  ErrorInfo,
  Help,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
  type StandardDetail,
} from "./detail-types.js"
export {
  badRequest,
  debugInfo,
  errorInfo,
  help,
  localizedMessage,
  preconditionFailure,
  quotaFailure,
  requestInfo,
  resourceInfo,
  retryInfo,
} from "./make-details.js"
export { packDetail, unpackDetail } from "./packed-detail.js"
export { detailsOf, findDetail, type PackedDetail, retryDelayOf } from "./read-details.js"
