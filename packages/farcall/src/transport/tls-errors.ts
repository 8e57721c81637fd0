import { withReason } from "../core/reason.js"
/**
 * A TLS error as a sentence that says what is wrong and what can be done; OpenSSL's is its cause, and its code is kept.
 * @param side who failed: a client while it connects, or a server that a client connects to
 */
export function explainTlsError(error: Error, side: "client" | "server"): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) return error
  const reason = reasons.find(([pattern]) => pattern.test(code))?.[side === "client" ? 1 : 2]
  if (reason === undefined) return error
  return Object.assign(withReason("FARCALL_TLS_FAILED", new Error(`${reason} (${code})`, { cause: error })), { code })
}

/** What a code of Node's or OpenSSL's means to a client, and to a server. */
const reasons: readonly (readonly [RegExp, string | undefined, string | undefined])[] = [
  [
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|(DEPTH_ZERO_)?SELF_SIGNED_CERT(_IN_CHAIN)?|CERT_UNTRUSTED)$/,
    "the server's certificate is of an authority that this client does not know; if it is to be believed, name its root: tls({ ca })",
    "the client's certificate is of an authority that this server does not know",
  ],
  [
    /^CERT_HAS_EXPIRED$/,
    "the server's certificate has expired, or one above it",
    "the client's certificate has expired",
  ],
  [
    /^CERT_NOT_YET_VALID$/,
    "the server's certificate is not valid yet, or one above it, or this machine's clock is wrong",
    "the client's certificate is not valid yet, or this machine's clock is wrong",
  ],
  [/^INVALID_PURPOSE$/, "the server's certificate is not for servers", "the client's certificate is not for clients"],
  [/^CERT_REVOKED$/, "the server's certificate has been revoked", "the client's certificate has been revoked"],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE|RECORD_LAYER_FAILURE|HTTP_REQUEST)$/,
    "the server answered with something that is not TLS; if it takes plaintext, that must be said: insecure()",
    "the client sent something that is not TLS",
  ],
  [
    /^(ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL|ERR_SSL_NO_APPLICATION_PROTOCOL)$/,
    'the server refused to speak HTTP/2 (ALPN "h2"): it is no gRPC server',
    'the client offered protocols of which none is HTTP/2 (ALPN "h2")',
  ],
  [
    /^ERR_SSL_(TLSV13_ALERT_CERTIFICATE_REQUIRED|(SSLV3|TLSV1)_ALERT_(BAD_CERTIFICATE|CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED)|UNKNOWN_CA|ACCESS_DENIED))$/,
    "the server refused this client's certificate, or wants one where none is given: tls({ cert, key })",
    "the client refused this server's certificate",
  ],
  [
    /^ERR_SSL_(UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|NO_CIPHERS_AVAILABLE|TLSV1_ALERT_PROTOCOL_VERSION|TLSV1_ALERT_INSUFFICIENT_SECURITY|(SSLV3|TLSV1)_ALERT_HANDSHAKE_FAILURE|VERSION_TOO_LOW)$/,
    "client and server have no version and cipher suite of TLS in common",
    "client and server have no version and cipher suite of TLS in common",
  ],
]
