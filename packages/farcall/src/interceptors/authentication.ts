import type { Call, Interceptor } from "../core/interceptor.js"
import type { KnownOptions } from "../core/known-options.js"
import type { AnyMethod } from "../core/service.js"
import { StatusError } from "../core/status-error.js"

/** Finds out, before a server's handlers run, who makes a call, and tells them. */
export interface Authentication<Identity> {
  /** For the server's `interceptors`. What it refuses costs no decoding. */
  readonly interceptor: Interceptor
  /**
   * Who makes the call: what the verifying function gave.
   * @param context the handler's context, or the call of an interceptor further in
   * @throws StatusError UNAUTHENTICATED when the call has not come through the interceptor, or needed no identity
   */
  identityOf(context: { readonly values: ReadonlyMap<unknown, unknown> }): Identity
}

/** What both ways to authenticate have. */
export interface AuthenticationOptions {
  /** Methods that anyone may call; they have no identity. Default: none. */
  readonly open?: ((method: AnyMethod) => boolean) | undefined
}

export const authenticationOptions: KnownOptions<AuthenticationOptions & { readonly verify: unknown }> = {
  open: "function",
  verify: "function",
}

/** What a verifying function says to refuse. */
export type Refused = undefined | null | false

/** @param identify throws the StatusError that refuses the call */
export function authentication<Identity>(
  identify: (call: Call) => Promise<Identity>,
  { open }: AuthenticationOptions,
): Authentication<Identity> {
  // The key of this authentication's own: two on one server do not see each other's.
  const key = Symbol("identity")
  return {
    interceptor: (next) => async (call) => {
      if (open?.(call.method) === true) return next(call)
      call.values.set(key, await identify(call))
      return next(call)
    },
    identityOf({ values }) {
      if (!values.has(key))
        throw new StatusError("UNAUTHENTICATED", "nobody has said who makes this call", {
          reason: "FARCALL_UNAUTHENTICATED",
        })
      return values.get(key) as Identity
    },
  }
}
