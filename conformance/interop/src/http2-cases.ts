import { StatusError } from "farcall"
import type { TestServiceClient } from "./gen/grpc/testing/test_grpc.js"
import { largeUnary } from "./payload-cases.js"
import type { PlayCase } from "./stage.js"

/** gRPC's HTTP/2 client cases (http2-interop-test-descriptions): the server of each does what the case is named after. */
export const http2Cases: Readonly<Record<string, PlayCase>> = {
  async goaway({ client }) {
    await largeUnary(client)
    await largeUnary(client)
  },
  rst_after_header: ({ client }) => fails(client),
  rst_during_data: ({ client }) => fails(client),
  rst_after_data: ({ client }) => fails(client),
  ping: ({ client }) => largeUnary(client),
  async max_streams({ client }) {
    // The first call lets the server say its limit.
    await largeUnary(client)
    await Promise.all(Array.from({ length: 10 }, () => largeUnary(client)))
  },
  data_frame_padding: ({ client }) => largeUnary(client),
  no_df_padding_sanity_test: ({ client }) => largeUnary(client),
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
