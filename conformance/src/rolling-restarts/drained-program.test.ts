import assert from "node:assert/strict"
import { once } from "node:events"
import { connect } from "node:net"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { type Client, createChannel, createClient, StatusError } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { ChildProgram } from "../test-support/child-program.js"

const program = fileURLToPath(new URL("drained-program.js", import.meta.url))

/** Runs the program, tells it to end while `during` goes on, and wants it to exit by itself. */
async function drained(
  graceMs: number,
  during: (client: Client<typeof Parrot>, interrupt: () => void, address: string) => Promise<void>,
): Promise<void> {
  const server = new ChildProgram([process.execPath, program, String(graceMs)], {}, 30_000)
  const address = await server.firstLine()
  await using channel = createChannel(address)
  await during(createClient(Parrot, channel), () => server.interrupt("SIGTERM"), address)
  assert.deepEqual((await server.end()).slice(1), ["drained"])
}

describe("a program whose server shuts down", () => {
  it("ends by itself once the calls that run have, which they do in their own time", async () => {
    await drained(20_000, async (client, interrupt) => {
      await client.say({ text: "0" })
      const call = client.say({ text: "300" })
      setTimeout(interrupt, 100)
      assert.deepEqual(await call, { text: "300" })
    })
  })

  it("ends those that do not end when the grace is over, and itself", async () => {
    await drained(200, async (client, interrupt) => {
      let error: unknown
      try {
        for await (const _ of client.repeat({ text: "" })) {
          interrupt()
          interrupt = () => {}
        }
      } catch (thrown) {
        error = thrown
      }
      assert.ok(error instanceof StatusError)
      assert.equal(error.code, "UNAVAILABLE")
      assert.match(error.message, /grace period is over.* at ipv4:127\.0\.0\.1:\d+$/)
      assert.ok(error.cause instanceof Error)
    })
  })

  it("ends while a client keeps its connection open, and another has never said a word", async () => {
    await drained(20_000, async (client, interrupt, address) => {
      const silent = connect(Number(address.split(":")[1]), "127.0.0.1")
      silent.on("error", () => {})
      await once(silent, "connect")
      await client.say({ text: "0" })
      interrupt()
      await once(silent, "close")
    })
  })
})
