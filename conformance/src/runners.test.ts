import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"

// The fixtures of farcall/testing within their runners, as whose children the tests here run.

/** How each test ended: `undefined`, or the message that it failed with. */
type Outcome = Record<string, string | undefined>

const leaks: Record<string, RegExp | undefined> = {
  "calls tidy": undefined,
  "calls leaves a call":
    /the test "leaves a call" left behind:\s+- a call of \/farcall\.gate\.Gate\/Wait is still open/,
  "the process tidy": undefined,
  "the process leaves a socket": /the test "leaves a socket" left behind:\s+- 1 × a listening socket/,
  "the process leaves a rejection": /nobody waits for me/,
}

describe("node:test", () => {
  it("fails the tests that leave something behind, and no others", async () => {
    mustBe(await runNode("pytest-grpc/leaks.js"), leaks)
  })
})

describe("vitest", () => {
  it("runs pytest-grpc's examples, and fails the tests that leave something behind", async () => {
    mustBe(await runVitest(), {
      "a handler answers": undefined,
      "a handler that throws is an error to who called it, and its own to who serves it": undefined,
      "a server with TLS answers": undefined,
      "a handler that blocks its thread is let go by one on the other thread": undefined,
      ...leaks,
      // node:test has found it itself by then.
      "the process leaves a rejection":
        /the test "leaves a rejection" left behind:\s+- an unhandled rejection: Error: nobody/,
    })
  })
})

function mustBe(outcome: Outcome, wanted: Readonly<Record<string, RegExp | undefined>>): void {
  assert.deepEqual(Object.keys(outcome).sort(), Object.keys(wanted).sort())
  for (const [name, pattern] of Object.entries(wanted)) {
    if (pattern === undefined) assert.equal(outcome[name], undefined, name)
    else assert.match(outcome[name] ?? "it passed", pattern, name)
  }
}

async function runNode(file: string): Promise<Outcome> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const events = new URL("test-support/event-reporter.js", import.meta.url).href
  const said = await run(["--test", `--test-reporter=${events}`, "--test-reporter-destination=stdout", path])
  const outcome: Outcome = {}
  const suites: string[] = []
  for (const { type, data } of said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as NodeEvent)) {
    if (type === "start") suites.splice(data.nesting, Number.POSITIVE_INFINITY, data.name)
    else if (data.kind !== "suite") outcome[[...suites.slice(0, data.nesting), data.name].join(" ")] = data.message
  }
  return outcome
}

/** As `test-support/event-reporter.ts` prints them. */
interface NodeEvent {
  readonly type: "start" | "end"
  readonly data: { readonly name: string; readonly nesting: number; readonly kind?: string; readonly message?: string }
}

async function runVitest(): Promise<Outcome> {
  const root = fileURLToPath(new URL("../vitest", import.meta.url))
  const program = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs")
  const said = await run([program, "run", "--root", root, "--reporter=json"])
  const { testResults } = JSON.parse(said.slice(said.indexOf("{"))) as VitestReport
  // A file that could not be loaded has no tests, and says why.
  for (const { message, assertionResults } of testResults) assert.ok(assertionResults.length > 0, message)
  return Object.fromEntries(
    testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, status, failureMessages }) => [
        fullName,
        status === "passed" ? undefined : failureMessages.join("\n"),
      ]),
    ),
  )
}

interface VitestReport {
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** What a program of Node prints; that it ends with an error is what half of these are about. */
function run(args: readonly string[]): Promise<string> {
  // The test runner marks its children by this variable; these have runners of their own.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, timeout: 60_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error?.killed || stdout === "") reject(new Error(`${args.join(" ")}:\n${stdout}${stderr}`, { cause: error }))
      else resolve(stdout)
    })
  })
}
