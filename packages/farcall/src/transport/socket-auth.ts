import type { X509Certificate } from "node:crypto"
import { isIP } from "node:net"
import type { TLSSocket } from "node:tls"
import type { AuthContext, PeerCertificate } from "../core/auth-context.js"

/** What a TLS socket knows of its connection. */
export class SocketAuth implements AuthContext {
  private readonly socket: TLSSocket
  private x509: X509Certificate | undefined
  private made: PeerCertificate | undefined = undefined

  /** @param x509 the other side's certificate, where it has been taken out already */
  constructor(socket: TLSSocket, x509?: X509Certificate) {
    this.socket = socket
    this.x509 = x509
  }

  get protocol(): string {
    return this.socket.getProtocol() ?? "unknown"
  }

  get cipher(): string {
    return this.socket.getCipher()?.standardName ?? "unknown"
  }

  get serverName(): string | undefined {
    // Of a server's socket; `false` when the client named none.
    const { servername } = this.socket as { servername?: string | false | null }
    return servername || undefined
  }

  get resumed(): boolean {
    return this.socket.isSessionReused()
  }

  get certificate(): PeerCertificate | undefined {
    if (this.made === undefined) {
      this.x509 ??= this.socket.getPeerX509Certificate()
      this.made = this.x509 && new Certificate(this.x509)
    }
    return this.made
  }

  get ownCertificate(): Uint8Array | undefined {
    return this.socket.getX509Certificate()?.raw
  }
}

/** A certificate by what Node reads of it. */
export class Certificate implements PeerCertificate {
  private readonly x509: X509Certificate

  constructor(x509: X509Certificate) {
    this.x509 = x509
  }

  get subject(): string {
    return nameOf(this.x509.subject)
  }

  get commonName(): string | undefined {
    const names = (this.x509.subject ?? "").split("\n").filter((name) => name.startsWith("CN="))
    return names.at(-1)?.slice("CN=".length)
  }

  get subjectAltNames(): readonly string[] {
    return alternativeNames(this.x509.subjectAltName)
  }

  get issuer(): string {
    return nameOf(this.x509.issuer)
  }

  get serialNumber(): string {
    return this.x509.serialNumber
  }

  get validFrom(): Date {
    return new Date(this.x509.validFrom)
  }

  get validTo(): Date {
    return new Date(this.x509.validTo)
  }

  get fingerprint256(): string {
    return this.x509.fingerprint256
  }

  get raw(): Uint8Array {
    return this.x509.raw
  }

  isFor(host: string): boolean {
    return (isIP(host) === 0 ? this.x509.checkHost(host) : this.x509.checkIP(host)) !== undefined
  }
}

/** Node gives one attribute a line; a certificate need not have a subject. */
function nameOf(lines: string | undefined): string {
  return (lines ?? "").split("\n").join(",")
}

/**
 * Takes Node's text of the names apart: `DNS:a, IP Address:10.0.0.1`. A name that has characters with a meaning there is
 * in it as a JSON string, so that none can pass for two.
 */
export function alternativeNames(text: string | undefined): string[] {
  const names = (text ?? "").match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []
  return names.map((name) => {
    const [, type, quoted] = /^\s*([^:"]+):(".*")$/s.exec(name) ?? []
    return quoted === undefined ? name.trim() : `${type}:${JSON.parse(quoted) as string}`
  })
}
