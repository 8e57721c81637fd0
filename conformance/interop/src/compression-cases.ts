import type { Client, Interceptor } from "farcall"
import { collect, expectEqual, expectFailure, expectZeros, zeros } from "./expectations.js"
import type { TestService } from "./gen/grpc/testing/test_grpc.js"
import { requestSize, responseSize } from "./payload-cases.js"
import type { PlayCase, Stage } from "./stage.js"

const compression = "gzip"

/** Messages that are compressed one by one. */
export const compressionCases: Readonly<Record<string, PlayCase>> = {
  async client_compressed_unary({ client }) {
    const call = async (expected: boolean, options = {}): Promise<void> => {
      const request = { expectCompressed: { value: expected }, responseSize, payload: zeros(requestSize) }
      expectZeros((await client.unaryCall(request, options)).payload, responseSize)
    }
    const probe = probed(() => call(true))
    await call(true, { compression })
    await call(false)
    await probe
  },

  async server_compressed_unary(stage) {
    const { client, compressed } = watchCompression(stage)
    for (const value of [true, false]) {
      const request = { responseCompressed: { value }, responseSize, payload: zeros(requestSize) }
      expectZeros((await client.unaryCall(request)).payload, responseSize)
    }
    expectEqual("responses that came compressed", compressed, [true, false])
  },

  async client_compressed_streaming({ client }) {
    const messages = [
      { expectCompressed: { value: true }, payload: zeros(27_182) },
      { expectCompressed: { value: false }, payload: zeros(45_904) },
    ] as const
    const probe = probed(() => client.streamingInputCall([messages[0]]))
    const call = client.streamingInputCall({ compression })
    for (const message of messages) await call.write(message, { compress: message.expectCompressed.value })
    call.end()
    expectEqual("aggregated_payload_size", (await call.response).aggregatedPayloadSize, 73_086)
    await probe
  },

  async server_compressed_streaming(stage) {
    const { client, compressed } = watchCompression(stage)
    const sizes = [31_415, 92_653]
    const responseParameters = sizes.map((size, i) => ({ compressed: { value: i === 0 }, size }))
    const responses = await collect(client.streamingOutputCall({ responseParameters }))
    expectEqual("responses", responses.length, 2)
    for (const [i, { payload }] of responses.entries()) expectZeros(payload, sizes[i]!)
    expectEqual("responses that came compressed", compressed, [true, false])
  },
}

/**
 * The call that shows whether the server looks at all: it says that it is compressed, and is not. Rejects later than the
 * calls that are, so that those are seen to pass at a server that does not look.
 */
function probed(call: () => Promise<unknown>): Promise<unknown> {
  const outcome = expectFailure("INVALID_ARGUMENT", call)
  outcome.catch(() => {})
  return outcome
}

/** A client that notes of each response whether it came compressed. */
function watchCompression(stage: Stage): { client: Client<typeof TestService>; compressed: unknown[] } {
  const compressed: unknown[] = []
  const watch: Interceptor = (next) => async (call) => {
    const response = await next(call)
    if (call.method.kind === "unary") {
      compressed.push(response.compressed)
      return response
    }
    return response.with({
      messages: (async function* () {
        for await (const message of response.messages) {
          compressed.push(response.compressed)
          yield message
        }
      })(),
    })
  }
  return { client: stage.watched(watch), compressed }
}
