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

/** What a verifying function says to refuse. */
export type Refused = undefined | null | false

interface VerifyingOptions<Proof, Identity> extends AuthenticationOptions {
  readonly verify: (proof: Proof, call: Call) => Identity | Refused | Promise<Identity | Refused>
}

/** A way to authenticate: what a call shows for it, and how it is refused. */
interface Way<Proof> {
  /** The function that the user called, for errors. */
  readonly name: string
  /** @throws StatusError when the call shows nothing that could be verified */
  proofOf(call: Call): Proof
  /** @param thrown what `verify` threw, if it did not merely refuse */
  refusal(proof: Proof, call: Call, thrown: { readonly cause: unknown } | undefined): StatusError
}

/** @throws TypeError when `verify` is no function */
export function authentication<Proof, Identity>(
  way: Way<Proof>,
  options: VerifyingOptions<Proof, Identity>,
): Authentication<Identity> {
  checkOptions(way.name, options, knownOptions)
  const { open, verify } = options
  if (typeof verify !== "function") throw badOption(`${way.name}: verify must be a function`)
  // The key of this authentication's own: two on one server do not see each other's.
  const key = Symbol("identity")
  const identify = async (call: Call): Promise<Identity> => {
    const proof = way.proofOf(call)
    let identity: Identity | Refused
    try {
      identity = await verify(proof, call)
    } catch (cause) {
      throw cause instanceof StatusError ? cause : way.refusal(proof, call, { cause })
    }
    if (identity === undefined || identity === null || identity === false) throw way.refusal(proof, call, undefined)
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

const knownOptions: KnownOptions<AuthenticationOptions & { readonly verify: unknown }> = {
  open: "function",
  verify: "function",
}
