import { collect, expectEqual, expectZeros, nextOf, zeros } from "./expectations.js"
import type { TestServiceClient } from "./gen/grpc/testing/test_grpc.js"
import type { PlayCase } from "./stage.js"

export const requestSize = 271_828
export const responseSize = 314_159
const requestSizes = [27_182, 8, 1_828, 45_904]
const responseSizes = [31_415, 9, 2_653, 58_979]

/** Messages of all four kinds of call, empty, small and large. */
export const payloadCases: Readonly<Record<string, PlayCase>> = {
  async empty_unary({ client }) {
    expectEqual("the response", Object.keys(await client.emptyCall({})), ["$typeName"])
  },

  large_unary: ({ client }) => largeUnary(client),

  async client_streaming({ client }) {
    const requests = requestSizes.map((size) => ({ payload: zeros(size) }))
    const { aggregatedPayloadSize } = await client.streamingInputCall(requests)
    expectEqual("aggregated_payload_size", aggregatedPayloadSize, 74_922)
  },

  async server_streaming({ client }) {
    const responseParameters = responseSizes.map((size) => ({ size }))
    const responses = await collect(client.streamingOutputCall({ responseParameters }))
    expectEqual("responses", responses.length, 4)
    for (const [i, { payload }] of responses.entries()) expectZeros(payload, responseSizes[i]!)
  },

  async ping_pong({ client }) {
    const call = client.fullDuplexCall()
    const responses = call[Symbol.asyncIterator]()
    for (const [i, size] of responseSizes.entries()) {
      await call.write({ responseParameters: [{ size }], payload: zeros(requestSizes[i]!) })
      expectZeros((await nextOf(responses)).payload, size)
    }
    call.end()
    expectEqual("the end of the stream", (await responses.next()).done, true)
    expectEqual("the status", (await call.status).code, "OK")
  },

  async empty_stream({ client }) {
    const call = client.fullDuplexCall()
    call.end()
    expectEqual("responses", (await collect(call)).length, 0)
    expectEqual("the status", (await call.status).code, "OK")
  },
}

/** One call with payloads both ways. @throws Error when the response is another than was asked for */
export async function largeUnary(
  client: TestServiceClient,
  request: number = requestSize,
  response: number = responseSize,
): Promise<void> {
  expectZeros((await client.unaryCall({ responseSize: response, payload: zeros(request) })).payload, response)
}
