import type { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { withReason } from "../core/reason.js"
import { nodeCrypto } from "./node-tls.js"
import type { Pem, TlsIdentity, TlsOptions } from "./tls-options.js"

/** The certificates and keys that TLS options name, read and found to fit. */
export interface TlsMaterial {
  readonly ca: readonly PemBytes[] | undefined
  /** The one of `cert` first, then those of `certificates`. */
  readonly identities: readonly Identity[]
}

export interface Identity {
  readonly cert: PemBytes
  readonly key: PemBytes
  readonly passphrase: string | undefined
  /** The chain's first certificate. */
  readonly x509: X509Certificate
}

type PemBytes = string | Buffer

/** The contents of files, by what they were named. */
export type FileContents = ReadonlyMap<Pem, Buffer>

/** @throws Error that says which file cannot be read, with the system's as its cause */
export function readFilesNow(options: TlsOptions): FileContents {
  const contents = new Map<Pem, Buffer>()
  for (const { what, file } of filesOf(options)) {
    try {
      contents.set(file, readFileSync(file))
    } catch (cause) {
      throw unreadable(what, file, cause)
    }
  }
  return contents
}

/** @throws Error that says which file cannot be read, with the system's as its cause */
export async function readFiles(options: TlsOptions): Promise<FileContents> {
  const contents = new Map<Pem, Buffer>()
  await Promise.all(
    filesOf(options).map(async ({ what, file }) => {
      try {
        contents.set(file, await readFile(file))
      } catch (cause) {
        throw unreadable(what, file, cause)
      }
    }),
  )
  return contents
}

export function sameContents(left: FileContents, right: FileContents): boolean {
  return left.size === right.size && [...left].every(([file, bytes]) => right.get(file)?.equals(bytes) === true)
}

/** @throws TypeError that says which certificate or key is none, or which do not belong together */
export function materialOf(options: TlsOptions, files: FileContents): TlsMaterial {
  const bytesOf = (pem: Pem): PemBytes =>
    files.get(pem) ?? (typeof pem === "string" ? pem : Buffer.from(pem as Uint8Array))
  const ca = options.ca === undefined ? undefined : listOf(options.ca).map((pem) => authority(pem, bytesOf(pem)))
  return { ca, identities: identitiesOf(options).map((identity) => identityOf(identity, bytesOf)) }
}

function authority(pem: Pem, bytes: PemBytes): PemBytes {
  certificateIn("ca", pem, bytes)
  return bytes
}

function identityOf({ cert, key, passphrase }: TlsIdentity, bytesOf: (pem: Pem) => PemBytes): Identity {
  const identity = { cert: bytesOf(cert), key: bytesOf(key), passphrase }
  const x509 = certificateIn("cert", cert, identity.cert)
  if (!x509.checkPrivateKey(privateKeyIn(key, identity.key, passphrase))) {
    throw withReason(
      "FARCALL_BAD_CERTIFICATE",
      new TypeError(`tls: key${placeOf(key)} does not belong to cert${placeOf(cert)}`),
    )
  }
  return { ...identity, x509 }
}

function certificateIn(what: string, pem: Pem, bytes: PemBytes): X509Certificate {
  try {
    return new (nodeCrypto().X509Certificate)(bytes)
  } catch (cause) {
    throw withReason(
      "FARCALL_BAD_CERTIFICATE",
      new TypeError(`tls: ${what}${placeOf(pem)} is no certificate in PEM: ${(cause as Error).message}`, { cause }),
    )
  }
}

function privateKeyIn(pem: Pem, bytes: PemBytes, passphrase: string | undefined): ReturnType<typeof createKey> {
  try {
    return createKey(bytes, passphrase)
  } catch (cause) {
    const text = (cause as Error).message
    throw withReason(
      "FARCALL_BAD_CERTIFICATE",
      new TypeError(`tls: key${placeOf(pem)} is no private key in PEM, or not to be opened: ${text}`, { cause }),
    )
  }
}

function createKey(key: PemBytes, passphrase: string | undefined): import("node:crypto").KeyObject {
  return nodeCrypto().createPrivateKey(passphrase === undefined ? key : { key, passphrase })
}

function filesOf(options: TlsOptions): { what: string; file: string | URL }[] {
  const named = [
    ...listOf(options.ca ?? []).map((pem) => ({ what: "ca", pem })),
    ...identitiesOf(options).flatMap(({ cert, key }) => [
      { what: "cert", pem: cert },
      { what: "key", pem: key },
    ]),
  ]
  return named.flatMap(({ what, pem }) => (isFile(pem) ? [{ what, file: pem }] : []))
}

function identitiesOf({ cert, key, passphrase, certificates = [] }: TlsOptions): readonly TlsIdentity[] {
  return cert === undefined || key === undefined ? certificates : [{ cert, key, passphrase }, ...certificates]
}

function listOf(pem: Pem | readonly Pem[]): readonly Pem[] {
  return Array.isArray(pem) ? pem : [pem as Pem]
}

/** A text is PEM when it has PEM's mark in it, and else a path. */
function isFile(pem: Pem): pem is string | URL {
  return pem instanceof URL || (typeof pem === "string" && !pem.includes("-----BEGIN"))
}

function placeOf(pem: Pem): string {
  return isFile(pem) ? ` (${pem})` : ""
}

function unreadable(what: string, file: string | URL, cause: unknown): Error {
  return withReason(
    "FARCALL_BAD_CERTIFICATE",
    new Error(`tls: cannot read ${what} (${file}): ${(cause as Error).message}`, { cause }),
  )
}
