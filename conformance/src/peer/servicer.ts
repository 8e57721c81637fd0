import { type ErrorStatusCode, StatusError, statusCodes } from "farcall"
import type { PeerServicer } from "../gen/peer_grpc.js"
import { packText } from "./text-detail.js"

/** peer.proto, as conformance/python/peer/server.py serves it. */
export function createPeer(): PeerServicer {
  let waitState = "none"
  return {
    echo: (request) => request,

    reflect: (request) => request,

    async wait(_request, { signal }) {
      waitState = "waiting"
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
      waitState = "ended"
      return {}
    },

    whatBecameOfWait: () => ({ text: waitState }),

    tellTimeLeft: (_request, context) => ({ value: Math.floor(context.remainingMs) }),

    exchangeMetadata(_request, { metadata, responseHeaders, responseTrailers }) {
      for (const text of metadata.getAll("x-text")) responseHeaders.append("x-text", text)
      for (const bytes of metadata.getAll("x-bytes-bin")) responseTrailers.append("x-bytes-bin", bytes)
      return {}
    },

    *count({ count }) {
      for (let value = 0; value < count; value++) yield { value }
    },

    async sum(numbers) {
      let count = 0
      let sum = 0n
      for await (const { value } of numbers) {
        count++
        sum += BigInt(value)
      }
      return { count, sum }
    },

    abort({ code, message, detail }) {
      const details = detail === undefined ? [] : [packText(detail)]
      throw new StatusError(codeNames[code]!, message, { details })
    },
  }
}

const codeNames = Object.keys(statusCodes) as ErrorStatusCode[]
