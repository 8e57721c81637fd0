import type { SecureContextOptions } from "node:tls"
import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { badOption, optionOutOfRange } from "../core/reason.js"

/** Certificates or a key in PEM: the text or bytes themselves, or the file they are in, by its path or URL. */
export type Pem = string | Uint8Array | URL

/** A certificate chain, the end's own certificate first, and its private key. */
export interface TlsIdentity {
  readonly cert: Pem
  readonly key: Pem
  /** Opens a key that is encrypted. */
  readonly passphrase?: string | undefined
}

/** How to speak TLS. What is said of only one side means nothing on the other. */
export interface TlsOptions extends Partial<TlsIdentity> {
  /**
   * The authorities whose certificates are believed. On a client in place of those that Node knows; on a server those of
   * clients, needed where `clientCertificates` are.
   */
  readonly ca?: Pem | readonly Pem[] | undefined
  /**
   * On a server: what it shows to clients that ask for another name (SNI) than `cert` is for. The first that is for the
   * name is taken, `cert` where none is.
   */
  readonly certificates?: readonly TlsIdentity[] | undefined
  /**
   * On a server: whether clients are to prove who they are. `"none"`, the default: they are not asked; `"request"`: they
   * are, and may give none, but not a wrong one; `"require"`: no one comes in without.
   */
  readonly clientCertificates?: "none" | "request" | "require" | undefined
  /**
   * On a client: the name that the server's certificate must be for, and that it is asked for, in place of the target's
   * host. It is the `:authority` of calls too, unless the channel names one.
   */
  readonly serverName?: string | undefined
  /** The oldest version to speak. Default `"TLSv1.2"`, the oldest that HTTP/2 goes over. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined
  /**
   * How old, in milliseconds, what was read from files may be when a handshake begins: then they are read again, and the
   * handshake and those after it use what has changed. Default 60,000; `Infinity`: only `reload()` reads them again.
   */
  readonly reloadEveryMs?: number | undefined
  /**
   * Told why files that were read again cannot be used; what was read before stays in use. Without it the error is printed
   * on stderr.
   */
  readonly onReloadError?: ((error: Error) => void) | undefined
  /** Further options of Node's `tls.createSecureContext`: `ciphers`, `crl`, `pfx`, `ecdhCurve`, `sigalgs` and so on. */
  readonly secureContext?: Omit<SecureContextOptions, "ca" | "cert" | "key" | "passphrase" | "minVersion"> | undefined
}

const tlsOptions: KnownOptions<TlsOptions> = {
  cert: "any",
  key: "any",
  passphrase: "string",
  ca: "any",
  certificates: "array",
  clientCertificates: "string",
  serverName: "string",
  minVersion: "string",
  reloadEveryMs: "number",
  onReloadError: "function",
  secureContext: "object",
}

/** @throws TypeError or RangeError for options that there are not, that contradict themselves or are of the wrong kind */
export function checkTlsOptions(options: TlsOptions): void {
  checkOptions("tls", options, tlsOptions)
  const { cert, key, clientCertificates = "none", minVersion = "TLSv1.2", serverName, reloadEveryMs = 0 } = options
  if ((cert === undefined) !== (key === undefined)) {
    throw badOption(`tls: ${cert === undefined ? "key is given without cert" : "cert is given without key"}`)
  }
  oneOf("clientCertificates", clientCertificates, ["none", "request", "require"])
  oneOf("minVersion", minVersion, ["TLSv1.2", "TLSv1.3"])
  if (clientCertificates !== "none" && options.ca === undefined) {
    throw badOption(`tls: clientCertificates is "${clientCertificates}" and needs ca: whose certificates to believe`)
  }
  if (serverName === "") throw badOption("tls: serverName must be a host's name")
  if (!(reloadEveryMs >= 0)) throw optionOutOfRange(`tls: reloadEveryMs is ${reloadEveryMs}, and must not be below 0`)
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return
  throw badOption(`tls: ${name} is ${JSON.stringify(value)}, and must be one of ${known.join(", ")}`)
}
