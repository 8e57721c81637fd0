import assert from "node:assert/strict"
import { createServer } from "node:net"
import { before, describe, it } from "node:test"
import { connect } from "node:tls"
import * as fc from "fast-check"
import { serverNameOf } from "./client-hello.js"

/** What node's own client says first. */
function helloOf(servername: string | undefined): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = createServer((socket) =>
      socket.once("data", (bytes) => {
        socket.destroy()
        server.close(() => resolve(bytes))
      }),
    )
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      const options = servername === undefined ? {} : { servername }
      connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options }).on("error", () => {})
    })
  })
}

describe("the name in a ClientHello", () => {
  let hello: Buffer
  before(async () => {
    hello = await helloOf("second.example")
  })

  it("is read, and its absence", async () => {
    assert.deepEqual(serverNameOf(hello), { name: "second.example" })
    assert.deepEqual(serverNameOf(await helloOf(undefined)), { name: undefined })
  })

  it("is waited for until it is whole", () => {
    for (let length = 0; length < hello.length; length++) {
      assert.equal(serverNameOf(hello.subarray(0, length)), "incomplete", `${length} of ${hello.length} bytes`)
    }
  })

  it("is read over several records", () => {
    for (const size of [1, 7, 100]) {
      const records: Buffer[] = []
      for (let at = 5; at < hello.length; at += size) {
        const part = hello.subarray(at, at + size)
        records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part)
      }
      assert.deepEqual(serverNameOf(Buffer.concat(records)), { name: "second.example" })
    }
  })

  it("is none in what is no ClientHello", () => {
    assert.deepEqual(serverNameOf(Buffer.from("GET / HTTP/1.1\r\n\r\n")), { name: undefined })
    assert.deepEqual(serverNameOf(Buffer.from("15030100020228", "hex")), { name: undefined })
    assert.deepEqual(serverNameOf(Buffer.from("16030100040200000000", "hex")), { name: undefined })
  })

  it("never throws, whatever comes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void serverNameOf(bytes)))
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(hello)
        broken[at] = byte
        serverNameOf(broken)
      }),
    )
  })
})
