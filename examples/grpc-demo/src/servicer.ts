import type { GRPCDemoServicer } from "./gen/demo_grpc.js"
import type { Request } from "./gen/demo_pb.js"

/** The four kinds of call; `print` gets what the clients say. */
export function createGRPCDemo(print: (line: string) => void): GRPCDemoServicer {
  async function printAll(requests: AsyncIterable<Request>): Promise<void> {
    for await (const { clientId, requestData } of requests) {
      print(`recv from client(${clientId}), message= ${requestData}`)
    }
  }

  return {
    simpleMethod(request) {
      print(`SimpleMethod called by client(${request.clientId}) the message: ${request.requestData}`)
      return response("TypeScript server SimpleMethod Ok!!!!")
    },

    async clientStreamingMethod(requests) {
      print("ClientStreamingMethod called by client...")
      await printAll(requests)
      return response("TypeScript server ClientStreamingMethod ok")
    },

    *serverStreamingMethod(request) {
      print(`ServerStreamingMethod called by client(${request.clientId}), message= ${request.requestData}`)
      for (let i = 0; i < 5; i++) yield response(`send by TypeScript server, message=${i}`)
    },

    async *bidirectionalStreamingMethod(requests) {
      print("BidirectionalStreamingMethod called by client...")
      // The two directions are independent: the answers go out while the reading goes on, to its end.
      const reading = printAll(requests)
      reading.catch(() => {}) // A client that cancels ends this handler at a `yield`, where nothing awaits the reading.
      for (let i = 0; i < 5; i++) yield response(`send by TypeScript server, message= ${i}`)
      await reading
    },
  }
}

function response(responseData: string): { serverId: bigint; responseData: string } {
  return { serverId: 1n, responseData }
}
