import type { ReceivedFields } from "../client/transport.js"

/** The cause of a call's end by an answer that is HTTP's and not gRPC's: most likely a proxy's. */
export class HttpAnswer extends Error {
  /** HTTP's status code: 503. */
  readonly status: number
  readonly contentType: string | undefined

  constructor(block: ReceivedFields) {
    const contentType = block.get("content-type")
    super(
      `HTTP status ${block.status}, ${contentType === undefined ? "no content-type" : `content-type ${contentType}`}`,
    )
    this.name = "HttpAnswer"
    this.status = Number(block.status)
    this.contentType = contentType
  }
}
