/**
 * What TLS has found out about a connection and its other side. Everything is made on first use; ask while the connection
 * stands.
 */
export interface AuthContext {
  /** `"TLSv1.3"` or `"TLSv1.2"`. */
  readonly protocol: string
  /** The cipher suite by the name that the standards give it: `"TLS_AES_128_GCM_SHA256"`. */
  readonly cipher: string
  /** The name of the server that the client asked for (SNI), if it did. */
  readonly serverName: string | undefined
  /** The handshake was shortened by a session of an earlier connection. */
  readonly resumed: boolean
  /** The other side's certificate, which has been verified; `undefined` when it gave none. */
  readonly certificate: PeerCertificate | undefined
  /** The certificate that this side has shown, in DER; none when it has shown none, and on worker threads. */
  readonly ownCertificate?: Uint8Array | undefined
}

/** A certificate that the other side has shown the key of. */
export interface PeerCertificate {
  /** The subject's names, the most specific last, as `O=Farcall,CN=client`. */
  readonly subject: string
  /** The subject's common name, the last one when there are several. */
  readonly commonName: string | undefined
  /** Whom it is for, each with its type: `DNS:example.com`, `IP Address:10.0.0.1`, `URI:spiffe://example.com/a`. */
  readonly subjectAltNames: readonly string[]
  /** Who signed it, in the form of `subject`. */
  readonly issuer: string
  /** Hexadecimal. */
  readonly serialNumber: string
  readonly validFrom: Date
  readonly validTo: Date
  /** SHA-256 of `raw`, hexadecimal with colons. */
  readonly fingerprint256: string
  /** The certificate in DER. */
  readonly raw: Uint8Array
  /** Whether it is for a host: a name, wildcards heeded, or an IP address. */
  isFor(host: string): boolean
}
