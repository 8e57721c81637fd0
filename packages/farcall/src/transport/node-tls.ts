import type * as Crypto from "node:crypto"
import type * as Tls from "node:tls"

/** Node's TLS, loaded when it is first needed: it takes milliseconds, which those who speak plaintext keep. */
export function nodeTls(): typeof Tls {
  return process.getBuiltinModule("node:tls")
}

/** Node's cryptography, in the same way. */
export function nodeCrypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto")
}
