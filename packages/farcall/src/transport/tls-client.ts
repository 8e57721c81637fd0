import { isIP, type OnReadOpts, type Socket } from "node:net"
import type { ConnectionOptions, PeerCertificate, TLSSocket } from "node:tls"
import { withReason } from "../core/reason.js"
import { splitHostPort } from "./address.js"
import { nodeTls } from "./node-tls.js"
import { alternativeNames } from "./socket-auth.js"
import type { TlsCredentials } from "./tls-credentials.js"
import { explainTlsError } from "./tls-errors.js"

/**
 * Begins to connect by TLS; the socket has `secureConnect` when the server has shown that it is whom `authority` names.
 * @param peer the address as text
 * @throws Error when the roots that the environment names cannot be read
 */
export function startTls(
  place: { path: string } | { host: string; port: number } | { socket: Socket },
  peer: string,
  credentials: TlsCredentials,
  authority: string,
  onread: OnReadOpts,
): TLSSocket {
  const settings = credentials.current
  const name = credentials.options.serverName ?? splitHostPort(authority)?.host ?? authority
  // A resumed session is not verified again: it is one of the same server by the same name.
  const session = `${name} ${peer}`
  const options: ConnectionOptions & { onread: OnReadOpts } = {
    ...place,
    secureContext: settings.clientContext,
    ALPNProtocols: ["h2"],
    checkServerIdentity: (_host, certificate) => checkIdentity(name, certificate),
    onread,
  }
  const known = settings.sessions.get(session)
  if (known !== undefined) options.session = known
  // RFC 6066 §3: an IP address is no server name.
  if (isIP(name) === 0) options.servername = name
  const socket = nodeTls().connect(options)
  socket.on("session", (ticket) => settings.sessions.keep(session, ticket))
  return socket
}

function checkIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  const error = nodeTls().checkServerIdentity(name, certificate)
  if (error === undefined) return undefined
  const names = alternativeNames(certificate.subjectaltname)
  const its = names.length === 0 ? "it names nobody" : `it is for ${names.join(", ")}`
  const text = `the server's certificate is not for ${JSON.stringify(name)}: ${its}; another name to expect can be given: tls({ serverName })`
  return Object.assign(withReason("FARCALL_TLS_FAILED", new Error(text, { cause: error })), {
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  })
}

/** Why there is no HTTP/2 over a TLS connection that stands, if there is none. */
export function protocolFault(socket: TLSSocket): Error | undefined {
  if (socket.alpnProtocol === "h2") return undefined
  return withReason(
    "FARCALL_TLS_FAILED",
    new Error('the server speaks TLS but did not agree to HTTP/2 (ALPN "h2"): it is no gRPC server'),
  )
}

/** Why a handshake failed, in words to act on. */
export function explainHandshakeError(error: Error): Error {
  // As Node says it of a server that says nothing of TLS before it goes.
  if (!/before secure TLS connection/.test(error.message)) return explainTlsError(error, "client")
  const text =
    "the server closed the connection in the TLS handshake; if it takes plaintext, that must be said: insecure()"
  return Object.assign(withReason("FARCALL_TLS_FAILED", new Error(text, { cause: error })), {
    code: (error as NodeJS.ErrnoException).code,
  })
}
