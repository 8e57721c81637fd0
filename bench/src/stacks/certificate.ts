import { fileURLToPath } from "node:url"

/** The certificate and key that servers over TLS are measured with, and who signed it: those of the tests. */
export const certificate: Readonly<Record<"cert" | "key" | "ca", string>> = {
  cert: testCertificate("server.pem"),
  key: testCertificate("server.key.pem"),
  ca: testCertificate("authority.pem"),
}

function testCertificate(name: string): string {
  const folder = "../../../packages/farcall/src/test-support/certificates/"
  return fileURLToPath(new URL(folder + name, import.meta.url))
}
