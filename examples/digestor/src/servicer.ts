import { createHash } from "node:crypto"
import type { DigestorServicer } from "./gen/digestor_grpc.js"

/** The Digestor; `print` gets the digest of each call. */
export function createDigestor(print: (line: string) => void): DigestorServicer {
  return {
    getDigestor(request) {
      const digest = createHash("sha256").update(request.ToDigest).digest("hex")
      print(digest)
      return { Digested: digest, WasDigest: true }
    },
  }
}
