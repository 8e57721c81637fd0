import { largeUnary } from "./payload-cases.js"
import { soak } from "./soak.js"
import { type PlayCase, testClient } from "./stage.js"

/** The same large call again and again. */
export const soakCases: Readonly<Record<string, PlayCase>> = {
  rpc_soak: ({ client, flags }) => soak(flags, (request, response) => largeUnary(client, request, response)),

  /** Each call over a connection of its own. */
  channel_soak: ({ flags, connect }) =>
    soak(flags, async (request, response) => {
      await using channel = connect()
      await largeUnary(testClient(channel), request, response)
    }),
}
