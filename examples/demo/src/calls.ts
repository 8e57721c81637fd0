import { Digestor } from "@farcall/example-digestor/gen/digestor_grpc.js"
import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { FormatData } from "@farcall/example-format-data/gen/data_grpc.js"
import { GRPCDemo } from "@farcall/example-grpc-demo/gen/demo_grpc.js"
import { StreamTest } from "@farcall/example-stream-test/gen/example_grpc.js"
import { UserInfo } from "@farcall/example-user-info/gen/example_grpc.js"
import { type Channel, type Client, createClient, type ServiceDefinition } from "farcall"

/** A call of the demo: what is asked, and what the answer must be. */
export interface DemoCall {
  readonly system: string
  readonly method: string
  /** The port of the system, before any offset. */
  readonly port: number
  readonly asked: string
  readonly wanted: string
  readonly make: (channel: Channel) => Promise<string>
}

export const demoCalls: readonly DemoCall[] = [
  {
    system: "digestor",
    method: "GetDigestor",
    port: 5001,
    asked: "Test",
    wanted: "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25",
    make: async (channel) => (await clientOf(Digestor, channel).getDigestor({ ToDigest: "Test" })).Digested,
  },
  {
    system: "user-info",
    method: "Info",
    port: 50051,
    asked: "you",
    wanted: "Hello, you!",
    make: async (channel) => (await clientOf(UserInfo, channel).info({ name: "you" })).message,
  },
  {
    system: "stream-test",
    method: "ClientStream",
    port: 50051,
    asked: "close …",
    wanted: "close!😢",
    make: async (channel) => {
      const call = clientOf(StreamTest, channel).clientStream()
      await call.write({ message: "close" }) // The answer comes though the stream stays open.
      return (await call.response).message
    },
  },
  {
    system: "stream-test",
    method: "ClientStream",
    port: 50051,
    asked: "a, b",
    wanted: "ok!🐧",
    make: async (channel) => {
      const streamTest = clientOf(StreamTest, channel)
      return (await streamTest.clientStream([{ message: "a" }, { message: "b" }])).message
    },
  },
  {
    system: "grpc-demo",
    method: "SimpleMethod",
    port: 23333,
    asked: "1 message",
    wanted: "TypeScript server SimpleMethod Ok!!!!",
    make: async (channel) => (await clientOf(GRPCDemo, channel).simpleMethod(requests(1)[0]!)).responseData,
  },
  {
    system: "grpc-demo",
    method: "ClientStreamingMethod",
    port: 23333,
    asked: "5 messages",
    wanted: "TypeScript server ClientStreamingMethod ok",
    make: async (channel) => (await clientOf(GRPCDemo, channel).clientStreamingMethod(requests(5))).responseData,
  },
  {
    system: "grpc-demo",
    method: "ServerStreamingMethod",
    port: 23333,
    asked: "1 message",
    wanted: "5 × send by TypeScript server, message=0…4",
    make: async (channel) => summary(clientOf(GRPCDemo, channel).serverStreamingMethod(requests(1)[0]!)),
  },
  {
    system: "grpc-demo",
    method: "BidirectionalStreamingMethod",
    port: 23333,
    asked: "5 messages",
    wanted: "5 × send by TypeScript server, message= 0…4",
    make: async (channel) => summary(clientOf(GRPCDemo, channel).bidirectionalStreamingMethod(requests(5))),
  },
  {
    system: "format-data",
    method: "DoFormat",
    port: 8080,
    asked: "hello,world!",
    wanted: "HELLO,WORLD!",
    make: async (channel) => (await clientOf(FormatData, channel).doFormat({ text: "hello,world!" })).text,
  },
  {
    system: "echo",
    method: "Reply",
    port: 50051,
    asked: "Hello World!",
    wanted: "You said: Hello World!",
    make: async (channel) => (await clientOf(Echo, channel).reply({ message: "Hello World!" })).message,
  },
]

/** A client whose calls end in any case: nothing here takes ten seconds. */
function clientOf<Service extends ServiceDefinition>(service: Service, channel: Channel): Client<Service> {
  return createClient(service, channel, { timeoutMs: 10_000 })
}

function requests(count: number): { clientId: bigint; requestData: string }[] {
  return Array.from({ length: count }, (_, i) => ({ clientId: 1n, requestData: `called by the demo, message:${i}` }))
}

/** Answers that count up, in short: how many, the first one, and the number that the last one ends with. */
async function summary(replies: AsyncIterable<{ responseData: string }>): Promise<string> {
  const texts: string[] = []
  for await (const reply of replies) texts.push(reply.responseData)
  return `${texts.length} × ${texts[0]}…${texts.at(-1)?.at(-1)}`
}
