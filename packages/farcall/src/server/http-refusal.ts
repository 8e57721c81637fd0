import { PreparedHeaders } from "@farcall/http2"

/** An answer in plain HTTP, to a request that is not gRPC's. */
export interface HttpRefusal {
  readonly headers: PreparedHeaders
  readonly body: Uint8Array
}

/** RFC 9110 §15.5.6: it names the methods that there are. */
const onlyPost = httpRefusal(
  "405",
  "This is a gRPC server: calls are POST requests. Use a gRPC client.\n",
  "allow",
  "POST",
)
/** RFC 9110 §9.3.2: the answer to HEAD has no content, and the length of what GET would be given. */
const onlyPostToHead: HttpRefusal = { headers: onlyPost.headers, body: new Uint8Array(0) }

/** Checklist point 6. */
export function methodRefusal(method: string | undefined): HttpRefusal {
  return method === "HEAD" ? onlyPostToHead : onlyPost
}

/** Checklist point 5. */
export const contentTypeRefusal: HttpRefusal = httpRefusal(
  "415",
  "This is a gRPC server: the content-type of its calls is application/grpc.\n",
)

/** RFC 6585 §5. */
export const headersRefusal: HttpRefusal = httpRefusal(
  "431",
  "The request's headers are larger than this server accepts.\n",
)

function httpRefusal(status: string, text: string, ...fields: readonly string[]): HttpRefusal {
  const body = new TextEncoder().encode(text)
  const headers = new PreparedHeaders([
    ":status",
    status,
    "content-type",
    "text/plain; charset=utf-8",
    "content-length",
    String(body.length),
    ...fields,
  ])
  return { headers, body }
}
