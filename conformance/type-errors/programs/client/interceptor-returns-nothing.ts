// TS2322: Type '(call: Call) => Promise<void>' is not assignable to type 'Next'.

import type { Interceptor } from "farcall"

export const forgetful: Interceptor = (next) => async (call) => {
  await next(call)
}
