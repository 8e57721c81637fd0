import type { TextMapGetter, TextMapSetter } from "@opentelemetry/api"
import { decodeBase64, encodeBase64 } from "../core/base64.js"
import type { BinaryKey, Metadata } from "../core/metadata.js"

/** How propagators write into metadata: text as it is, what is under a `-bin` key as base64 (gRPC A72). */
export const metadataSetter: TextMapSetter<Metadata> = {
  set(metadata, key, value) {
    try {
      if (!isBinary(key)) metadata.set(key, value)
      else {
        const bytes = decodeBase64(value)
        if (bytes !== undefined) metadata.set(key, bytes)
      }
    } catch {
      // What metadata cannot hold (a value beyond ASCII) is not sent; the call goes on without it.
    }
  },
}

/** How propagators read metadata. */
export const metadataGetter: TextMapGetter<Metadata> = {
  keys: (metadata) => [...new Set([...metadata].map(([key]) => key))],
  get(metadata, key) {
    const values = isBinary(key) ? metadata.getAll(key).map(encodeBase64) : metadata.getAll(key)
    return values.length <= 1 ? values[0] : values
  },
}

function isBinary(key: string): key is BinaryKey {
  return key.toLowerCase().endsWith("-bin")
}
