import { setImmediate } from "node:timers/promises"
import { collect, expectEqual, expectFailure, expectZeros, nextOf, zeros } from "./expectations.js"
import type { PlayCase } from "./stage.js"

const status = { code: 2, message: "test status message" }
const special = { code: 2, message: "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n" }

/** Calls that end otherwise than OK. */
export const endingCases: Readonly<Record<string, PlayCase>> = {
  async timeout_on_sleeping_server({ client }) {
    const call = client.fullDuplexCall({ timeoutMs: 1 })
    // False where the deadline has passed already.
    await call.write({ payload: zeros(27_182) })
    await expectFailure("DEADLINE_EXCEEDED", () => collect(call))
  },

  async cancel_after_begin({ client }) {
    const call = client.streamingInputCall()
    // Output is written at the end of a turn: the headers are on their way then.
    await setImmediate()
    call.cancel()
    await expectFailure("CANCELLED", () => call.response)
  },

  async cancel_after_first_response({ client }) {
    const call = client.fullDuplexCall()
    const responses = call[Symbol.asyncIterator]()
    await call.write({ responseParameters: [{ size: 31_415 }], payload: zeros(27_182) })
    expectZeros((await nextOf(responses)).payload, 31_415)
    call.cancel()
    await expectFailure("CANCELLED", () => nextOf(responses))
  },

  async status_code_and_message({ client }) {
    const unary = await expectFailure("UNKNOWN", () => client.unaryCall({ responseStatus: status }))
    const requests = [{ responseStatus: status }]
    const stream = await expectFailure("UNKNOWN", () => collect(client.fullDuplexCall(requests)))
    expectEqual("the message of UnaryCall", unary.message, status.message)
    expectEqual("the message of FullDuplexCall", stream.message, status.message)
  },

  async special_status_message({ client }) {
    const { message } = await expectFailure("UNKNOWN", () => client.unaryCall({ responseStatus: special }))
    expectEqual("the message", message, special.message)
  },

  async unimplemented_method({ client }) {
    await expectFailure("UNIMPLEMENTED", () => client.unimplementedCall({}))
  },

  async unimplemented_service({ stranger }) {
    await expectFailure("UNIMPLEMENTED", () => stranger.unimplementedCall({}))
  },
}
