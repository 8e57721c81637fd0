import type { SecureContext, SecureContextOptions } from "node:tls"
import { limits } from "../core/limits.js"
import { showAs } from "../core/shown-as.js"
import { nodeCrypto, nodeTls } from "./node-tls.js"
import { type FileContents, type Identity, materialOf, readFiles, readFilesNow, sameContents } from "./tls-material.js"
import { checkTlsOptions, type TlsOptions } from "./tls-options.js"
import { TlsSessionCache } from "./tls-session-cache.js"

/**
 * TLS, for a server's `listen` and for channels:
 *
 *     await server.listen("[::]:443", { credentials: tls({ cert: "server.pem", key: "server.key.pem" }) })
 *     const channel = createChannel("example.com", { credentials: tls() })
 *
 * Files are read now, and again as `reloadEveryMs` says.
 * @throws TypeError, RangeError for options that cannot be; Error for a file that cannot be read, with the system's as
 *   its cause
 */
export function tls(options: TlsOptions = {}): TlsCredentials {
  return new TlsCredentials(options)
}

/** Made by `tls`. Several listeners and channels may use the same. */
export class TlsCredentials {
  readonly kind = "tls"
  readonly options: TlsOptions
  /** What handshakes use from now on; exchanged for another when files have changed. */
  current: TlsSettings
  private files: FileContents
  private readAt: number | undefined = undefined
  private reloading: Promise<void> | undefined = undefined

  constructor(options: TlsOptions) {
    checkTlsOptions(options)
    this.options = options
    this.files = readFilesNow(options)
    this.current = new TlsSettings(options, this.files)
  }

  /**
   * Reads the files again: handshakes from now on use what they hold. Connections that stand go on.
   * @throws Error when a file cannot be read, TypeError when what it holds cannot be used; all stays as it was then
   */
  reload(): Promise<void> {
    this.reloading ??= this.readAgain().finally(() => {
      this.reloading = undefined
    })
    return this.reloading
  }

  /** For a handshake that is to begin: reads the files again if that is due. Never rejects. */
  async refresh(now: number): Promise<void> {
    if (this.files.size === 0) return
    this.readAt ??= now
    if (now - this.readAt < (this.options.reloadEveryMs ?? limits.certificatesReloadMs)) return
    this.readAt = now
    try {
      await this.reload()
    } catch (error) {
      this.tell(error as Error)
    }
  }

  private async readAgain(): Promise<void> {
    const files = await readFiles(this.options)
    if (sameContents(files, this.files)) return
    this.current = new TlsSettings(this.options, files)
    this.files = files
  }

  static {
    // Keys are for nobody's log.
    showAs<TlsCredentials>(TlsCredentials.prototype, "TlsCredentials", ({ options }) => ({
      options: Object.keys(options),
    }))
  }

  private tell(error: Error): void {
    const { onReloadError = printReloadError } = this.options
    try {
      onReloadError(error)
    } catch (fault) {
      printReloadError(error)
      console.error("[FARCALL_CALLBACK_FAILED] onReloadError failed:", fault)
    }
  }
}

/** Certificates and keys as they were at one time, and what depends on them. */
export class TlsSettings {
  /** Of servers that were believed by these settings: later ones may not believe them. */
  readonly sessions: TlsSessionCache = new TlsSessionCache()
  private readonly options: TlsOptions
  private readonly ca: readonly (string | Buffer)[] | undefined
  private readonly identities: readonly Identity[]
  private context: SecureContext | undefined = undefined

  constructor(options: TlsOptions, files: FileContents) {
    this.options = options
    const { ca, identities } = materialOf(options, files)
    this.ca = ca
    this.identities = identities
  }

  /** Whether it has something to show to clients. */
  get serves(): boolean {
    return this.identities.length > 0 || this.options.secureContext?.pfx !== undefined
  }

  /** What a client goes by. @throws Error when the roots that the environment names cannot be read */
  get clientContext(): SecureContext {
    this.context ??= nodeTls().createSecureContext(
      this.contextOptions(this.identities[0], this.ca ?? rootsOfEnvironment()),
    )
    return this.context
  }

  /** Whether what a server shows depends on the name that a client asks for. */
  get heedsNames(): boolean {
    return this.identities.length > 1
  }

  /** What a server shows to a client that asks for `name`: the first that is for it, else the first of all. */
  identityFor(name: string | undefined): Identity | undefined {
    const fitting = name && this.identities.find(({ x509 }) => x509.checkHost(name) !== undefined)
    return fitting || this.identities[0]
  }

  /** What a server goes by that shows `identity`. */
  serverContext(identity: Identity | undefined): SecureContextOptions {
    return this.contextOptions(identity, this.ca)
  }

  private contextOptions(
    identity: Identity | undefined,
    ca: readonly (string | Buffer)[] | undefined,
  ): SecureContextOptions {
    const { secureContext, minVersion = "TLSv1.2" } = this.options
    const options: SecureContextOptions = {
      ciphers: suites,
      honorCipherOrder: true,
      ...secureContext,
      minVersion,
      // RFC 9113 §9.2.1: no renegotiation, no compression.
      secureOptions: (secureContext?.secureOptions ?? 0) | forbidden(),
    }
    if (ca !== undefined) options.ca = [...ca]
    if (identity !== undefined) {
      options.cert = identity.cert
      options.key = identity.key
      if (identity.passphrase !== undefined) options.passphrase = identity.passphrase
    }
    return options
  }
}

/** RFC 9113 §9.2.2 leaves of TLS 1.2 those with forward secrecy and authenticated encryption. */
const suites = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":")

function forbidden(): number {
  const { SSL_OP_NO_RENEGOTIATION, SSL_OP_NO_COMPRESSION } = nodeCrypto().constants
  return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
}

/** The file of roots that gRPC's own clients heed. @throws Error when it cannot be read */
function rootsOfEnvironment(): Buffer[] | undefined {
  const file = process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"]
  if (!file) return undefined
  return [...readFilesNow({ ca: file }).values()]
}

function printReloadError(error: Error): void {
  console.error("[FARCALL_CERTIFICATES_STAY] certificates stay as they were:", error)
}
