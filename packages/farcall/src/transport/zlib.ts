import type * as Zlib from "node:zlib"
import { type Compression, Compressions, MessageTooLong } from "../core/compression.js"

/** gzip and deflate, and what a user has beside them. */
export function compressionsWith(others: readonly Compression[] | undefined): Compressions {
  return others === undefined ? standard : new Compressions([gzip, deflate, ...others])
}

/** Up to so many bytes, on either end, are not worth a thread. */
const AT_ONCE = 32 * 1024

type Done = (error: Error | null, result: Buffer) => void

interface Functions {
  compressSync(bytes: Uint8Array): Buffer
  compress(bytes: Uint8Array, done: Done): void
  inflateSync(bytes: Uint8Array, options: Zlib.ZlibOptions): Buffer
  inflate(bytes: Uint8Array, options: Zlib.ZlibOptions, done: Done): void
}

function zlibCompression(name: string, choose: (zlib: typeof Zlib) => Functions): Compression {
  let chosen: Functions | undefined
  // Loaded with the first message: who compresses nothing is not to wait for it at the start.
  const functions = (): Functions => (chosen ??= choose(process.getBuiltinModule("node:zlib")))
  return {
    name,
    compress(message) {
      const { compressSync, compress } = functions()
      return message.length <= AT_ONCE ? compressSync(message) : inThread((done) => compress(message, done))
    },
    decompress(message, maxLength) {
      const { inflateSync, inflate } = functions()
      // What is small may become large: how large, only inflating it tells.
      if (message.length <= AT_ONCE) {
        try {
          return inflateSync(message, { maxOutputLength: bounded(Math.min(AT_ONCE, maxLength)) })
        } catch (error) {
          if (!isTooLong(error)) throw error
          if (maxLength <= AT_ONCE) throw new MessageTooLong(maxLength)
        }
      }
      return inThread((done) => inflate(message, { maxOutputLength: bounded(maxLength) }, done)).catch((error) => {
        throw isTooLong(error) ? new MessageTooLong(maxLength) : error
      })
    },
  }
}

/** Node takes no limit of 0; one byte more than that is refused by whoever asked. */
function bounded(maxLength: number): number {
  return Math.max(1, Math.min(maxLength, 2 ** 31 - 1))
}

function isTooLong(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE"
}

function inThread(start: (done: Done) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error === null ? resolve(result) : reject(error)))
  })
}

/**
 * gzip and zlib, which gRPC calls `deflate` (RFC 1950). What is short is done at once; the rest goes to a thread of its
 * own, as a few megabytes would hold all other calls up for a tenth of a second.
 */
const gzip: Compression = zlibCompression("gzip", (zlib) => ({
  compressSync: zlib.gzipSync,
  compress: zlib.gzip,
  inflateSync: zlib.gunzipSync,
  inflate: zlib.gunzip,
}))

const deflate: Compression = zlibCompression("deflate", (zlib) => ({
  compressSync: zlib.deflateSync,
  compress: zlib.deflate,
  inflateSync: zlib.inflateSync,
  inflate: zlib.inflate,
}))

const standard = new Compressions([gzip, deflate])
