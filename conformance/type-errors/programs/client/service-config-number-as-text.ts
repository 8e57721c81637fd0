// TS2322: Type 'string' is not assignable to type 'number'.

import { createChannel } from "farcall"

createChannel("localhost:50051", {
  serviceConfig: { methodConfig: [{ name: [{}], retryPolicy: { maxAttempts: "3" } }] },
})
