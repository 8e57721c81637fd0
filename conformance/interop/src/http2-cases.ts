import { StatusError } from "farcall"
import type { TestServiceClient } from "./gen/grpc/testing/test_grpc.js"

const requestSize = 271_828
const responseSize = 314_159

/** gRPC's HTTP/2 client cases (http2-interop-test-descriptions): the server of each does what the case is named after. */
export const http2Cases: Readonly<Record<string, (client: TestServiceClient) => Promise<void>>> = {
  async goaway(client) {
    await largeUnary(client)
    await largeUnary(client)
  },
  rst_after_header: fails,
  rst_during_data: fails,
  rst_after_data: fails,
  ping: largeUnary,
  async max_streams(client) {
    // The first call lets the server say its limit.
    await largeUnary(client)
    await Promise.all(Array.from({ length: 10 }, () => largeUnary(client)))
  },
  data_frame_padding: largeUnary,
  no_df_padding_sanity_test: largeUnary,
}

/** One call with payloads both ways. @throws Error when the response is another than was asked for */
async function largeUnary(client: TestServiceClient): Promise<void> {
  const { payload } = await client.unaryCall({ responseSize, payload: { body: new Uint8Array(requestSize) } })
  const body = payload?.body ?? new Uint8Array(0)
  if (body.length !== responseSize) throw new Error(`the response has ${body.length} bytes, not ${responseSize}`)
  if (body.some((byte) => byte !== 0)) throw new Error("the response's payload is not all zeros")
}

async function fails(client: TestServiceClient): Promise<void> {
  try {
    await largeUnary(client)
  } catch (error) {
    if (error instanceof StatusError) return
    throw error
  }
  throw new Error("the call succeeded")
}
