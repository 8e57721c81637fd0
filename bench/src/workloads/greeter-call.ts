import { toBinary } from "@farcall/protobuf"
import { createChannel, createClient } from "farcall"
import { GreetReplyCodec, GreetRequestCodec } from "../gen/greeter_codec.js"
import { Greeter } from "../gen/greeter_grpc.js"
import { Greeting_Color } from "../gen/greeter_pb.js"
import { type OneCall, prefixed } from "./one-call.js"

const greeting = {
  name: "Ada, of Lovelace",
  exact: 35.625,
  rough: 9.5,
  polite: true,
  count: 20_221,
  when: 1_700_000_000_000n,
  answer: { case: "text", value: "so they say" } as const,
  pets: [
    { name: "cat", color: Greeting_Color.BLACK },
    { name: "dog", color: Greeting_Color.WHITE },
  ],
}
const request = toBinary(GreetRequestCodec, { greeting })

/** A message of some fields of each kind, 78 bytes of it, which comes back as it is. */
export const greeterCall: OneCall = {
  method: "farcall.bench.Greeter/Greet",
  size: request.length,
  request: prefixed(request),
  responseLength: prefixed(request).length,
  async check(address) {
    const channel = createChannel(address)
    const reply = await createClient(Greeter, channel).greet({ greeting })
    await channel.close()
    const heard = Buffer.from(toBinary(GreetReplyCodec, reply))
    if (!heard.equals(request)) throw new Error(`the server answered ${heard.toString("hex")}`)
  },
}
