import type { Call } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import { type Authentication, type AuthenticationOptions, authentication, type Refused } from "./authentication.js"

/** How tokens are taken. */
export interface BearerOptions<Identity> extends AuthenticationOptions {
  /**
   * Whose token it is; `undefined`, `null` or `false` refuses it. What it throws refuses the call too: a StatusError as it
   * is, anything else as UNAUTHENTICATED without its text.
   */
  readonly verify: (token: string, call: Call) => Identity | Refused | Promise<Identity | Refused>
}

/**
 * Authentication by `authorization: Bearer …` (RFC 6750 §2.1). A call without a token, or with one that is not accepted,
 * ends UNAUTHENTICATED. Clients bring theirs as call credentials: `accessToken("…")`.
 */
export function bearerAuthentication<Identity>(options: BearerOptions<Identity>): Authentication<Identity> {
  return authentication(
    {
      name: "bearerAuthentication",
      proofOf: tokenOf,
      refusal: (_token, _call, thrown) =>
        thrown === undefined
          ? refusal("the token is not accepted")
          : refusal("the token could not be verified", thrown.cause),
    },
    options,
  )
}

/** The scheme's name in any case (RFC 9110 §11.1), then a token of the characters that RFC 6750 §2.1 allows. */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

function tokenOf({ metadata }: Call): string {
  const values = metadata.getAll("authorization")
  if (values.length === 0) throw refusal('the call brings no metadata "authorization: Bearer …"')
  // Which of them a proxy on the way has looked at, nobody can tell.
  if (values.length > 1) throw refusal(`the call brings authorization ${values.length} times`)
  const token = bearer.exec(values[0]!)?.[1]
  if (token === undefined) throw refusal('the call\'s authorization is not of the form "Bearer …"')
  return token
}

function refusal(message: string, cause?: unknown): StatusError {
  return new StatusError("UNAUTHENTICATED", message, { cause, reason: "FARCALL_UNAUTHENTICATED" })
}
