// TS2339: Property 'metadata' does not exist on type 'Next'.

import type { Interceptor } from "farcall"

export const direct: Interceptor = (next) => next
export const wrong: Interceptor = (call) => call.metadata
