/** The client that connectrpc/conformance tries: told on stdin which calls to make, it says on stdout what came of them. */
import { fromBinary, toBinary } from "@farcall/protobuf"
import { makeCall } from "./calls.js"
import { Channels } from "./channels.js"
import { delimited, readDelimited } from "./delimited.js"
import {
  ClientCompatRequestCodec,
  ClientCompatResponseCodec,
} from "./gen/connectrpc/conformance/v1/conformance_codec.js"

/** As many at once: the suite's calls mostly wait. */
const AT_ONCE = 16

const channels = new Channels()
const running = new Set<Promise<void>>()
for await (const bytes of readDelimited(process.stdin)) {
  if (running.size >= AT_ONCE) await Promise.race(running)
  const call = answer(bytes).finally(() => running.delete(call))
  running.add(call)
}
await Promise.all(running)
await channels.close()

async function answer(bytes: Uint8Array): Promise<void> {
  const request = fromBinary(ClientCompatRequestCodec, bytes)
  const { testName } = request
  const result = await makeCall(request, channels.to(request)).then(
    (value) => ({ case: "response" as const, value }),
    (error) => ({ case: "error" as const, value: { message: String(error instanceof Error ? error.stack : error) } }),
  )
  process.stdout.write(delimited(toBinary(ClientCompatResponseCodec, { testName, result })))
}
