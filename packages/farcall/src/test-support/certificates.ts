import { fileURLToPath } from "node:url"
import type { TlsIdentity } from "../transport/tls-options.js"

/** The path of a certificate or key that `node scripts/make-test-certificates.mjs` has made. */
export function certificateFile(name: string): string {
  return fileURLToPath(new URL(`../../src/test-support/certificates/${name}`, import.meta.url))
}

/** A certificate and its key. */
export function identity(
  name: "server" | "renewed" | "second" | "elsewhere" | "expired" | "client" | "stranger",
): TlsIdentity {
  return { cert: certificateFile(`${name}.pem`), key: certificateFile(`${name}.key.pem`) }
}

/** Who has signed all of them but the stranger's. */
export const authority: string = certificateFile("authority.pem")
