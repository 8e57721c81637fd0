import type { AuthContext, PeerCertificate } from "../../core/auth-context.js"
import { nodeCrypto } from "../../transport/node-tls.js"
import { Certificate } from "../../transport/socket-auth.js"
import type { CarriedAuth } from "./frames.js"

/** Takes what TLS has found out out of a connection, once for all its calls. */
export function carriedAuth(auth: AuthContext | undefined): CarriedAuth | undefined {
  if (auth === undefined) return undefined
  let carried = known.get(auth)
  if (carried === undefined) {
    const { protocol, cipher, serverName, resumed, certificate } = auth
    // A copy: crossing to a thread takes all of the memory along that a view is of.
    const raw = certificate && new Uint8Array(certificate.raw)
    known.set(auth, (carried = { protocol, cipher, serverName, resumed, certificate: raw }))
  }
  return carried
}

const known: WeakMap<AuthContext, CarriedAuth> = new WeakMap()

/** The same on a worker thread. */
export class WorkerAuth implements AuthContext {
  readonly protocol: string
  readonly cipher: string
  readonly serverName: string | undefined
  readonly resumed: boolean
  private readonly der: Uint8Array | undefined
  private made: PeerCertificate | undefined = undefined

  constructor(carried: CarriedAuth) {
    this.protocol = carried.protocol
    this.cipher = carried.cipher
    this.serverName = carried.serverName
    this.resumed = carried.resumed
    this.der = carried.certificate
  }

  get certificate(): PeerCertificate | undefined {
    if (this.der === undefined) return undefined
    return (this.made ??= new Certificate(new (nodeCrypto().X509Certificate)(this.der)))
  }
}
