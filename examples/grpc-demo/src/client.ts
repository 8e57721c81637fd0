import { setTimeout as sleep } from "node:timers/promises"
import { addressFlags, reportFailure } from "@farcall/example-program"
import { createChannel, createClient, insecure } from "farcall"
import { GRPCDemo, type GRPCDemoClient } from "./gen/demo_grpc.js"

const channel = createChannel(addressFlags(23333), { credentials: insecure() })
const demo = createClient(GRPCDemo, channel)
try {
  await simple(demo)
  await clientStreaming(demo)
  await serverStreaming(demo)
  await bidirectional(demo)
} catch (error) {
  reportFailure(error)
} finally {
  await channel.close()
}

async function simple(demo: GRPCDemoClient): Promise<void> {
  console.log("--------------Call SimpleMethod Begin--------------")
  const reply = await demo.simpleMethod(request("called by TypeScript client"))
  console.log(`resp from server(${reply.serverId}), the message=${reply.responseData}`)
  console.log("--------------Call SimpleMethod Over---------------")
}

async function clientStreaming(demo: GRPCDemoClient): Promise<void> {
  console.log("--------------Call ClientStreamingMethod Begin--------------")
  const requests = [0, 1, 2, 3, 4].map((i) => request(`called by TypeScript client, message:${i}`))
  const reply = await demo.clientStreamingMethod(requests)
  console.log(`resp from server(${reply.serverId}), the message=${reply.responseData}`)
  console.log("--------------Call ClientStreamingMethod Over---------------")
}

async function serverStreaming(demo: GRPCDemoClient): Promise<void> {
  console.log("--------------Call ServerStreamingMethod Begin--------------")
  for await (const reply of demo.serverStreamingMethod(request("called by TypeScript client"))) {
    console.log(`recv from server(${reply.serverId}), message=${reply.responseData}`)
  }
  console.log("--------------Call ServerStreamingMethod Over---------------")
}

async function bidirectional(demo: GRPCDemoClient): Promise<void> {
  console.log("--------------Call BidirectionalStreamingMethod Begin---------------")
  for await (const reply of demo.bidirectionalStreamingMethod(oneASecond())) {
    console.log(`recv from server(${reply.serverId}), message=${reply.responseData}`)
  }
  console.log("--------------Call BidirectionalStreamingMethod Over---------------")
}

async function* oneASecond(): AsyncGenerator<{ clientId: bigint; requestData: string }> {
  for (let i = 0; i < 5; i++) {
    if (i > 0) await sleep(1000)
    yield request(`called by TypeScript client, message: ${i}`)
  }
}

function request(requestData: string): { clientId: bigint; requestData: string } {
  return { clientId: 1n, requestData }
}
