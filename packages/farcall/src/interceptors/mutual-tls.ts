import type { PeerCertificate } from "../core/auth-context.js"
import type { Call } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import { type Authentication, type AuthenticationOptions, authentication, type Refused } from "./authentication.js"

/** How certificates are taken. */
export interface MutualTlsOptions<Identity> extends AuthenticationOptions {
  /**
   * Whose certificate it is; `undefined`, `null` or `false` refuses it PERMISSION_DENIED. What it throws refuses the call
   * too: a StatusError as it is, anything else as PERMISSION_DENIED without its text.
   */
  readonly verify: (certificate: PeerCertificate, call: Call) => Identity | Refused | Promise<Identity | Refused>
}

/**
 * Authentication by the client's certificate, which TLS has verified by then: the server listens with
 * `tls({ …, ca, clientCertificates: "require" })`, or `"request"` where some methods are open to all. A call in plaintext,
 * or without a certificate, ends UNAUTHENTICATED.
 */
export function mutualTlsAuthentication<Identity>(options: MutualTlsOptions<Identity>): Authentication<Identity> {
  return authentication({ name: "mutualTlsAuthentication", proofOf: certificateOf, refusal }, options)
}

function certificateOf({ auth }: Call): PeerCertificate {
  const unauthenticated = { reason: "FARCALL_UNAUTHENTICATED" } as const
  if (auth === undefined)
    throw new StatusError("UNAUTHENTICATED", "the connection is plaintext: no certificate came", unauthenticated)
  if (auth.certificate === undefined)
    throw new StatusError("UNAUTHENTICATED", "the client has shown no certificate", unauthenticated)
  return auth.certificate
}

function refusal(
  { subject }: PeerCertificate,
  { method }: Call,
  thrown: { readonly cause: unknown } | undefined,
): StatusError {
  return new StatusError("PERMISSION_DENIED", `${subject} may not call ${method.path}`, {
    cause: thrown?.cause,
    reason: "FARCALL_PERMISSION_DENIED",
  })
}
