import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { GRPCDemo } from "@farcall/example-grpc-demo/gen/demo_grpc.js"
import { createGRPCDemo } from "@farcall/example-grpc-demo/servicer.js"
import { useTestPair } from "farcall/testing/node"

describe("GRPCDemo", () => {
  let printed: string[]
  const { client } = useTestPair(GRPCDemo, () => {
    printed = []
    return createGRPCDemo((line) => printed.push(line))
  })

  it("SimpleMethod: one request, one response", async () => {
    const reply = await client.simpleMethod({ clientId: 1n, requestData: "hi" })
    assert.equal(reply.serverId, 1n)
    assert.equal(reply.responseData, "TypeScript server SimpleMethod Ok!!!!")
    assert.deepEqual(printed, ["SimpleMethod called by client(1) the message: hi"])
  })

  it("ClientStreamingMethod: a stream of requests, one response", async () => {
    const reply = await client.clientStreamingMethod(numbered(5))
    assert.equal(reply.responseData, "TypeScript server ClientStreamingMethod ok")
    assert.deepEqual(printed, ["ClientStreamingMethod called by client...", ...received(5)])
  })

  it("ServerStreamingMethod: one request, a stream of responses", async () => {
    const replies: string[] = []
    for await (const reply of client.serverStreamingMethod({ clientId: 1n, requestData: "hi" })) {
      replies.push(reply.responseData)
    }
    assert.deepEqual(
      replies,
      [0, 1, 2, 3, 4].map((i) => `send by TypeScript server, message=${i}`),
    )
    assert.deepEqual(printed, ["ServerStreamingMethod called by client(1), message= hi"])
  })

  it("BidirectionalStreamingMethod: five responses before the first request, and the reading goes on", async () => {
    const call = client.bidirectionalStreamingMethod()
    const replies = call[Symbol.asyncIterator]()
    for (let i = 0; i < 5; i++) {
      const { value } = await replies.next()
      assert.equal(value?.responseData, `send by TypeScript server, message= ${i}`)
    }
    for (const request of numbered(5)) await call.write(request)
    call.end()
    assert.equal((await replies.next()).done, true)
    assert.deepEqual(printed, ["BidirectionalStreamingMethod called by client...", ...received(5)])
  })

  it("BidirectionalStreamingMethod: a client that leaves harms nobody", async () => {
    const call = client.bidirectionalStreamingMethod()
    for await (const _ of call) break
    assert.equal((await call.status).code, "CANCELLED")
    assert.equal((await client.simpleMethod({})).serverId, 1n)
  })
})

function numbered(count: number): { clientId: bigint; requestData: string }[] {
  return Array.from({ length: count }, (_, i) => ({ clientId: 1n, requestData: `message ${i}` }))
}

function received(count: number): string[] {
  return numbered(count).map(({ requestData }) => `recv from client(1), message= ${requestData}`)
}
