// TS2561: Object literal may only specify known properties, but 'maxAttempt' does not exist in type 'RetryPolicyJson'. Did you mean to write 'maxAttempts'?

import { createChannel } from "farcall"

createChannel("localhost:50051", {
  serviceConfig: { methodConfig: [{ name: [{}], retryPolicy: { maxAttempt: 3 } }] },
})
