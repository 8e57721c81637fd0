import { statusCodes } from "./status.js"
import type { StatusError } from "./status-error.js"

/**
 * Whether an error has a code that the server alone may end a call with: from this side's own parts, such as credentials
 * and balancing policies, it would mislead, and becomes INTERNAL (gRPC A54; checklist point 31).
 */
export function isServersOwn({ code }: StatusError): boolean {
  return serversOwn.has(statusCodes[code])
}

const serversOwn: ReadonlySet<number> = new Set([
  statusCodes.INVALID_ARGUMENT,
  statusCodes.NOT_FOUND,
  statusCodes.ALREADY_EXISTS,
  statusCodes.FAILED_PRECONDITION,
  statusCodes.ABORTED,
  statusCodes.OUT_OF_RANGE,
  statusCodes.DATA_LOSS,
])
