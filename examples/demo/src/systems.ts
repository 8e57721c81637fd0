import { Digestor } from "@farcall/example-digestor/gen/digestor_grpc.js"
import { createDigestor } from "@farcall/example-digestor/servicer.js"
import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { echo } from "@farcall/example-echo/servicer.js"
import { FormatData } from "@farcall/example-format-data/gen/data_grpc.js"
import { formatData } from "@farcall/example-format-data/servicer.js"
import { GRPCDemo } from "@farcall/example-grpc-demo/gen/demo_grpc.js"
import { createGRPCDemo } from "@farcall/example-grpc-demo/servicer.js"
import { StreamTest } from "@farcall/example-stream-test/gen/example_grpc.js"
import { createStreamTest } from "@farcall/example-stream-test/servicer.js"
import { UserInfo } from "@farcall/example-user-info/gen/example_grpc.js"
import { userInfo } from "@farcall/example-user-info/servicer.js"
import { createServer, type Server } from "farcall"
import { addHealth } from "farcall/health"
import { addReflection } from "farcall/reflection"

/** What the systems print, and which of them does. */
export type Print = (system: string, line: string) => void

/** The six systems on the ports that they have on their own. One of the servers hosts three services. */
export function createServers(print: Print): Map<number, Server> {
  const as = (system: string) => (line: string) => print(system, line)

  const digestor = createServer()
  digestor.add(Digestor, createDigestor(as("digestor")))

  const format = createServer()
  format.add(FormatData, formatData)

  const kinds = createServer()
  kinds.add(GRPCDemo, createGRPCDemo(as("grpc-demo")))

  // The messages of UserInfo and StreamTest have the same full names, in two files of the same name. That is no matter:
  // a method carries the codecs of its own contract.
  const three = createServer()
  three.add(UserInfo, userInfo)
  three.add(StreamTest, createStreamTest(as("stream-test")))
  three.add(Echo, echo)

  for (const server of [digestor, format, kinds, three]) {
    addHealth(server)
    addReflection(server)
  }
  return new Map([
    [5001, digestor],
    [8080, format],
    [23333, kinds],
    [50051, three],
  ])
}
