// TS2820: Type '"UNAVAILBLE"' is not assignable to type 'StatusCodeJson'. Did you mean '"UNAVAILABLE"'?

import type { RetryPolicyJson } from "farcall"

export const policy: RetryPolicyJson = {
  maxAttempts: 3,
  initialBackoff: "0.1s",
  maxBackoff: "1s",
  backoffMultiplier: 2,
  retryableStatusCodes: ["UNAVAILBLE"],
}
