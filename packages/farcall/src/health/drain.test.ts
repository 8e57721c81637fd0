import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { systemClock } from "../core/clock.js"
import { GrpcServer } from "../server/server.js"
import { until } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { requestFields } from "../test-support/raw-ends.js"
import { framed, RawPeer, type RawStream } from "../test-support/raw-peer.js"
import { createTestPair } from "../testing/test-pair.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { inMemoryWires } from "../transport/in-memory.js"
import { addHealth, Health, servingStatus } from "./index.js"

/** Notes the connection's words and its streams' in one order. */
class NotingPeer extends RawPeer {
  readonly order: string[] = []

  override onData(...[stream, chunk, start, stop, end]: Parameters<RawPeer["onData"]>): void {
    super.onData(stream, chunk, start, stop, end)
    this.order.push(`data ${Buffer.from(chunk.subarray(start, stop)).toString("hex")}`)
  }

  override onHeaders(...[stream, kind, block, end]: Parameters<RawPeer["onHeaders"]>): void {
    super.onHeaders(stream, kind, block, end)
    if (kind === "trailers") this.order.push(`status ${block.get("grpc-status")}`)
  }

  override onGoAway(...[lastId, code, debug]: Parameters<RawPeer["onGoAway"]>): void {
    super.onGoAway(lastId, code, debug)
    this.order.push(`goaway ${lastId}`)
  }
}

describe("a server with health that shuts down", () => {
  it("59. tells those who watch NOT_SERVING, then sends GOAWAY, then ends their calls; late calls learn the same", async () => {
    const server = new GrpcServer({})
    server.add(Parrot, {})
    addHealth(server)
    const [near, far] = inMemoryWires(systemClock)
    await server.start()
    server.accept(far)
    const peer = new NotingPeer("client", near)
    await until(() => peer.log.includes("settings"), "the server's SETTINGS")
    const call = (method: "Watch" | "Check"): RawStream => {
      const head = requestFields(`/grpc.health.v1.Health/${method}`, "content-type", "application/grpc")
      const stream = peer.request(head)
      peer.data(stream, framed(""), true)
      peer.flush()
      return stream
    }
    const watch = call("Watch")
    await until(() => peer.order.length === 1, "the first state")
    const shutdown = server.shutdown()
    // On its way when the GOAWAY was sent, which is not its end yet.
    const late = [call("Check"), call("Watch")]
    for (const stream of [watch, ...late]) await peer.ended(stream)
    await shutdown
    const goaway = peer.order.indexOf(`goaway ${2 ** 31 - 1}`)
    assert.deepEqual(peer.order.slice(0, 2), ["data 00000000020801", "data 00000000020802"])
    assert.ok(goaway >= 2 && goaway < peer.order.indexOf("status 14"), peer.order.join(", "))
    assert.equal(peer.order.filter((event) => event === "data 00000000020802").length, 3)
    assert.equal(watch.trailers!.get("grpc-status"), "14")
    assert.equal(watch.trailers!.get("grpc-message"), "the server shuts down")
    assert.deepEqual(
      late.map((stream) => stream.trailers!.get("grpc-status")),
      ["0", "14"],
    )
  })

  it("need not wait for them", async () => {
    const clock = virtualClock()
    await using pair = await createTestPair(Parrot, {}, { clock, configure: addHealth })
    const watch = pair.clientOf(Health).watch({ service: "" })
    const statuses: number[] = []
    const ended = (async () => {
      for await (const { status } of watch) statuses.push(status)
    })().catch((error) => error.message)
    await clock.settle()
    await pair.server.shutdown({ graceMs: 60_000 })
    assert.match(await ended, /^the server shuts down/)
    assert.deepEqual(statuses, [servingStatus.SERVING, servingStatus.NOT_SERVING])
    assert.ok(clock.now() < 60_000)
  })
})
