import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const program = fileURLToPath(new URL("../test-support/traced-call.js", import.meta.url))

/** What a call prints, whose process was asked for these traces. */
async function callWith(traces: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, FARCALL_TRACE: traces }
  return promisify(execFile)(process.execPath, [program], { env })
}

describe("FARCALL_TRACE", () => {
  it("http2 prints each frame in and out in a line", async () => {
    const { stdout, stderr } = await callWith("http2")
    assert.equal(stdout, "hello\n")
    const lines = stderr.trimEnd().split("\n")
    const words = lines.map((line) => {
      assert.match(line, /^\[ *\d+\.\d{3}\] (client|server) \S+ [<>] \S/)
      return line.slice(line.indexOf("]") + 2).replace(/ (in-memory|ipv4)\S+/, "")
    })
    for (const end of ["client >", "server <"]) {
      assert.ok(words.includes(`${end} preface`), stderr)
      assert.ok(
        words.some((line) => line.startsWith(`${end} HEADERS 1 END_HEADERS :method=POST`)),
        stderr,
      )
      assert.ok(words.includes(`${end} DATA 1 END_STREAM 10 bytes`), stderr)
    }
    for (const end of ["server >", "client <"]) {
      assert.ok(
        words.some((line) => line.startsWith(`${end} SETTINGS `)),
        stderr,
      )
      assert.ok(words.includes(`${end} DATA 1 10 bytes`), stderr)
      assert.ok(
        words.some((line) => line.startsWith(`${end} HEADERS 1 END_STREAM END_HEADERS grpc-status=0`)),
        stderr,
      )
    }
    // What was sent is what was received.
    const told = (end: string) => words.filter((line) => line.startsWith(end)).map((line) => line.slice(end.length))
    assert.deepEqual(told("client >").slice(0, 4), told("server <").slice(0, 4))
  })

  it("http2 does not print sensitive values", async () => {
    const { stderr } = await callWith("other,http2")
    assert.match(stderr, / authorization=\(\d+ bytes\)/)
    assert.doesNotMatch(stderr, /top-secret/)
    assert.doesNotMatch(stderr, /hello/, "nor messages")
  })

  it("prints nothing unless asked", async () => {
    assert.deepEqual(await callWith(""), { stdout: "hello\n", stderr: "" })
    assert.deepEqual(await callWith("http"), { stdout: "hello\n", stderr: "" })
  })
})
