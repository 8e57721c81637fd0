import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { before, describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { type TraceArea, traceAreas } from "./areas.js"

const program = fileURLToPath(new URL("../test-support/traced-life.js", import.meta.url))

interface Printed {
  readonly stdout: string
  readonly stderr: string
  /** Its lines without times; ports, numbers of milliseconds and spaces are made the same. */
  readonly lines: readonly string[]
}

/** What the program prints whose process has this environment. */
async function lifeWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Printed> {
  const env = { ...process.env, FARCALL_TRACE: "", FARCALL_VERBOSITY: "", ...environment }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], { env })
  assert.doesNotMatch(stderr, /top-secret|dG9wLXNlY3JldA/, "no secret is told")
  const lines = stderr
    .split("\n")
    .filter((line) => line !== "")
    .map((line) =>
      line
        .replace(/^\[ *\d+\.\d{3}\] /, "")
        .replace(/127\.0\.0\.1:\d{2,}/g, "HERE")
        .replace(/\d+\.\d ms/g, "T ms")
        .replace(/ {2,}/g, " "),
    )
  return { stdout, stderr, lines }
}

/** What is to be found among the lines of each area. */
const expected: Record<TraceArea, readonly RegExp[]> = {
  channel: [
    /^channel client channel=\d+ HERE IDLE -> CONNECTING$/,
    /^channel client channel=\d+ HERE CONNECTING -> READY$/,
    /^channel client channel=\d+ 127\.0\.0\.1:1 CONNECTING -> TRANSIENT_FAILURE: ".*ECONNREFUSED/,
  ],
  resolver: [/^resolver client channel=\d+ HERE is at ipv4:HERE$/],
  subchannel: [/^subchannel client channel=\d+ subchannel=\d+ ipv4:HERE IDLE -> CONNECTING$/],
  connection: [
    /^connection client channel=\d+ connecting to ipv4:HERE \(HERE\)$/,
    /^connection client connection=\d+ ipv4:HERE to ipv4:HERE connected, h2, plaintext$/,
    /^connection server connection=\d+ ipv4:HERE to ipv4:HERE connected, h2, plaintext$/,
    /^connection client channel=\d+ no connection to ipv4:127\.0\.0\.1:1: ".*ECONNREFUSED/,
    /^connection server connection=\d+ stream=\d+ opened: \/test\.Parrot\/Say$/,
    /^connection client call=\d+ connection=\d+ stream=\d+ reset by this side, CANCEL$/,
    /^connection server call=\d+ connection=\d+ stream=\d+ reset by the other side, CANCEL$/,
    /^connection client connection=\d+ \S+ to \S+ takes no more streams: "/,
    /^connection client connection=\d+ \S+ to \S+ closed$/,
  ],
  call: [
    /^call client call=\d+ begins \/test\.Parrot\/Say at HERE$/,
    /^call client call=\d+ attempt=1 connection=\d+ stream=\d+ goes to ipv4:HERE$/,
    /^call server call=\d+ connection=\d+ stream=\d+ begins \/test\.Parrot\/Say from ipv4:HERE, attempt 2$/,
    /^call server call=\d+ connection=\d+ stream=\d+ \/test\.Parrot\/Say ended UNAVAILABLE "not\\nyet" by the server after T ms$/,
    /^call client call=\d+ attempt=2 connection=\d+ stream=\d+ \/test\.Parrot\/Say ended OK by the server after T ms, 2 attempts$/,
    /^call client call=\d+ attempt=1 on no connection \/test\.Parrot\/Say ended UNAVAILABLE FARCALL_NO_CONNECTION ".*" by the connection after T ms$/,
  ],
  retry: [
    /^retry client call=\d+ attempt=1 begins$/,
    /^retry client call=\d+ attempt=1 connection=\d+ stream=\d+ ended UNAVAILABLE "not\\nyet" by the server after T ms$/,
    /^retry client call=\d+ attempt=2 begins after \d+ ms$/,
    /^retry client call=\d+ attempt=2 connection=\d+ stream=\d+ ended OK by the server after T ms$/,
  ],
  server: [
    /^server server=\d+ listens on HERE$/,
    /^server server=\d+ shuts down: 10000 ms for calls on \d+ connections$/,
    /^server server=\d+ is closed$/,
  ],
  health: [
    /^health client channel=\d+ subchannel=\d+ ipv4:HERE test\.Parrot is well$/,
    /^health client channel=\d+ subchannel=\d+ ipv4:HERE test\.Parrot is unwell: "test\.Parrot is NOT_SERVING there"$/,
    /^health server=\d+ test\.Parrot is NOT_SERVING$/,
  ],
  workers: [
    /^workers server thread=\d+ runs test\.Parrot$/,
    /^workers server thread=\d+ of test\.Parrot died: "crashed"$/,
  ],
  http2: [
    /^http2 client connection=\d+ ipv4:HERE > preface$/,
    /^http2 client connection=\d+ ipv4:HERE < SETTINGS /,
    /^http2 client call=\d+ connection=\d+ stream=\d+ ipv4:HERE > HEADERS \d+ END_HEADERS :method=POST .*authorization=\(17 bytes\)/,
    /^http2 server connection=\d+ stream=\d+ ipv4:HERE < HEADERS \d+ END_HEADERS :method=POST .*x-api-key=\(10 bytes\)/,
    /^http2 server call=\d+ connection=\d+ stream=\d+ ipv4:HERE > DATA \d+ 10 bytes$/,
    /^http2 client call=\d+ connection=\d+ stream=\d+ ipv4:HERE < HEADERS \d+ END_STREAM END_HEADERS grpc-status=0 x-refresh-token=\(10 bytes\)$/,
    /^http2 client call=\d+ connection=\d+ stream=\d+ ipv4:HERE > RST_STREAM \d+ CANCEL$/,
  ],
}

describe("FARCALL_TRACE", { concurrency: 2 }, () => {
  let life: Printed
  let withWorkers: Printed
  before(async () => {
    const all = { FARCALL_TRACE: Object.keys(traceAreas).join(",") }
    ;[life, withWorkers] = await Promise.all([lifeWith(all), lifeWith({ FARCALL_TRACE: "workers" }, "workers")])
  })

  for (const area of Object.keys(traceAreas) as TraceArea[]) {
    it(`${area} prints ${traceAreas[area]}`, () => {
      const { lines, stderr } = area === "workers" ? withWorkers : life
      for (const pattern of expected[area]) {
        assert.ok(
          lines.some((line) => pattern.test(line)),
          `${pattern}\n${stderr}`,
        )
      }
    })
  }

  it("begins each line with the time and an area that was asked for", () => {
    assert.equal(life.stdout, "hello\n")
    for (const line of life.stderr.trimEnd().split("\n")) assert.match(line, /^\[ *\d+\.\d{3}\] [a-z0-9]+ +\S/)
    for (const line of withWorkers.lines) assert.match(line, /^workers server thread=/)
  })

  it("prints frames alike at both ends, and never messages", () => {
    const told = (end: RegExp): string[] =>
      life.lines.filter((line) => end.test(line)).map((line) => line.replace(/^.* [<>] /, ""))
    const sent = told(/^http2 client .* > /)
    assert.ok(sent.length > 10)
    assert.deepEqual(told(/^http2 server .* < /).slice(0, 10), sent.slice(0, 10))
    assert.doesNotMatch(life.stderr, /hello|again/)
  })

  it("all prints every area, but those with a -", async () => {
    const { lines } = await lifeWith({ FARCALL_TRACE: "all, -http2,-call" })
    const areas = new Set(lines.map((line) => line.split(" ")[0]))
    const all = ["channel", "connection", "health", "resolver", "retry", "server", "subchannel"]
    assert.deepEqual([...areas].sort(), all)
  })

  it("says once which areas are none, and traces the others", async () => {
    const { lines } = await lifeWith({ FARCALL_TRACE: "server,htp2,-retries,htp2", FARCALL_VERBOSITY: "loud" })
    assert.match(
      lines[0]!,
      /^\[FARCALL_BAD_TRACE\] FARCALL_TRACE names "htp2", which is no area: there are channel, .* and all$/,
    )
    assert.match(lines[1]!, /^\[FARCALL_BAD_TRACE\] FARCALL_TRACE names "retries", /)
    assert.match(
      lines[2]!,
      /^\[FARCALL_BAD_TRACE\] FARCALL_VERBOSITY is "loud", and must be debug, info, error or none$/,
    )
    assert.deepEqual(
      lines.slice(3).map((line) => line.replace(/=\d+| on \d+ connections/g, "")),
      ["server server listens on HERE", "server server shuts down: 10000 ms for calls", "server server is closed"],
    )
  })
})

describe("FARCALL_VERBOSITY", () => {
  it("error leaves what fails, of all areas but frames where none is named", async () => {
    const { lines } = await lifeWith({ FARCALL_VERBOSITY: "error" })
    assert.ok(lines.some((line) => line.startsWith("call client") && line.includes("FARCALL_NO_CONNECTION")))
    for (const line of lines)
      assert.match(line, /UNAVAILABLE|TRANSIENT_FAILURE|ECONNREFUSED|CANCELLED|NOT_SERVING|unwell/)
  })

  it("info leaves out beginnings and details", async () => {
    const { lines } = await lifeWith({ FARCALL_TRACE: "call", FARCALL_VERBOSITY: "info" })
    assert.ok(lines.length > 3)
    for (const line of lines) assert.match(line, / ended /)
  })

  it("none prints nothing, and so does an environment without both", async () => {
    const environments = [{ FARCALL_TRACE: "all", FARCALL_VERBOSITY: "none" }, {}]
    for (const { stdout, stderr } of await Promise.all(environments.map((environment) => lifeWith(environment)))) {
      assert.deepEqual([stdout, stderr], ["hello\n", ""])
    }
  })
})
