import type { Call, Interceptor } from "../core/interceptor.js"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { badOption } from "../core/reason.js"
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

const authenticationOptions: KnownOptions<AuthenticationOptions & { readonly verify: unknown }> = {
  open: "function",
  verify: "function",
}

/** What a verifying function says to refuse. */
export type Refused = undefined | null | false

/** What calls show to prove who makes them. */
export interface Proof<Shown> {
  /** @throws StatusError for a call that shows none */
  shownBy(call: Call): Shown
  /** How a call ends whose proof is not accepted; `cause`: what the verifying function threw. */
  refusal(shown: Shown, call: Call, cause?: unknown): StatusError
}

/**
 * @param where the function that the user called, for errors
 * @throws TypeError for an option that there is not, or one of the wrong kind
 */
export function authentication<Shown, Identity>(
  where: string,
  proof: Proof<Shown>,
  options: AuthenticationOptions & {
    readonly verify: (shown: Shown, call: Call) => Identity | Refused | Promise<Identity | Refused>
  },
): Authentication<Identity> {
  checkOptions(where, options, authenticationOptions)
  const { open, verify } = options
  if (typeof verify !== "function") throw badOption(`${where}: verify must be a function`)
  // The key of this authentication's own: two on one server do not see each other's.
  const key = Symbol("identity")
  const identify = async (call: Call): Promise<Identity> => {
    const shown = proof.shownBy(call)
    let identity: Identity | Refused
    try {
      identity = await verify(shown, call)
    } catch (cause) {
      throw cause instanceof StatusError ? cause : proof.refusal(shown, call, cause)
    }
    if (identity === undefined || identity === null || identity === false) throw proof.refusal(shown, call)
    return identity
  }
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
