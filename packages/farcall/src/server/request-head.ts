import type { HeaderBlock } from "@farcall/http2"
import { type Compression, type Compressions, identity } from "../core/compression.js"
import { type Status, statusCodes } from "../core/status.js"
import { decodeTimeout } from "../core/timeout.js"
import { contentTypeRefusal, type HttpRefusal, headersRefusal, methodRefusal } from "./http-refusal.js"
import { type Route, type Router, unimplementedText } from "./router.js"

/** What a request's header block says. */
export interface RequestHead {
  readonly route: Route | undefined
  /** Milliseconds that the client allows; `Infinity`: any number. */
  readonly timeoutMs: number
  /** How requests may be compressed. */
  readonly compression: Compression | undefined
  readonly acceptEncoding: string | undefined
  /** It is gRPC's, but cannot be served. */
  readonly error: { readonly status: Status; readonly fields: readonly string[] } | undefined
  /** It is not gRPC's. */
  readonly refusal: HttpRefusal | undefined
}

/** What a server can serve. */
export interface Served {
  readonly router: Router
  readonly compressions: Compressions
}

/** Reads it once, though the block may come again: what was found is left in the block. */
export function requestHead(block: HeaderBlock, served: Served): RequestHead {
  return ((block.slot as RequestHead | undefined) ??= read(block, served))
}

function read(block: HeaderBlock, { router, compressions }: Served): RequestHead {
  if (block.oversize) {
    if (isGrpc(block.get("content-type"))) {
      return failing("RESOURCE_EXHAUSTED", "the request's headers are larger than this server accepts")
    }
    return refusing(headersRefusal)
  }
  if (block.method !== "POST") return refusing(methodRefusal(block.method))
  if (!isGrpc(block.get("content-type"))) return refusing(contentTypeRefusal)
  const path = block.path ?? ""
  const route = router.find(path)
  if (route === undefined) return failing("UNIMPLEMENTED", router.explain(path))
  if (route.handler === undefined) {
    return { ...failing("UNIMPLEMENTED", unimplementedText(path)), route }
  }
  const encoding = block.get("grpc-encoding") ?? identity
  const compression = compressions.find(encoding)
  if (compression === undefined && encoding !== identity) {
    // Checklist point 34.
    const message = `the grpc-encoding ${JSON.stringify(encoding)} is not supported; there are ${compressions.accepted}`
    return failing("UNIMPLEMENTED", message, ["grpc-accept-encoding", compressions.accepted])
  }
  const timeout = block.get("grpc-timeout")
  const timeoutMs = timeout === undefined ? Number.POSITIVE_INFINITY : decodeTimeout(timeout)
  if (timeoutMs === undefined) return failing("INTERNAL", `the grpc-timeout ${JSON.stringify(timeout)} is malformed`)
  const acceptEncoding = block.get("grpc-accept-encoding")
  return { route, timeoutMs, compression, acceptEncoding, error: undefined, refusal: undefined }
}

/** `application/grpc`, with a `+` suffix or parameters; not `application/grpc-web` (checklist point 7). */
function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(\+proto)?[ \t]*(;|$)/i.test(contentType)
}

const unserved = {
  route: undefined,
  timeoutMs: Number.POSITIVE_INFINITY,
  compression: undefined,
  acceptEncoding: undefined,
} as const

function refusing(refusal: HttpRefusal): RequestHead {
  return { ...unserved, error: undefined, refusal }
}

function failing(
  code: "INTERNAL" | "UNIMPLEMENTED" | "RESOURCE_EXHAUSTED",
  message: string,
  fields: readonly string[] = [],
): RequestHead {
  const status = { code, codeNumber: statusCodes[code], message }
  return { ...unserved, error: { status, fields }, refusal: undefined }
}
