import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { run } from "node:test"
import { fileURLToPath } from "node:url"
import type { TestTransport } from "farcall/testing"

// The tests that join clients to servers by `farcall/testing`, over sockets in place of memory: those of the folders below
// and of the examples (with --full all of the package's), over tcp, tls or unix, as its argument says, or each in turn.
// Ends with 1 when a test fails that passes in memory, or none ran.

const folders = ["ambient", "channelz", "error-details", "health", "interceptors", "logging", "opentelemetry"]
  .concat("reflection", "server/workers", "testing")
  .map((folder) => `packages/farcall/src/${folder}`)

const transports: readonly TestTransport[] = ["tcp", "tls", "unix"]
const asked = transports.filter((transport) => process.argv.includes(transport))

/** How long a file of tests may take: far more than any needs. */
const timeoutMs = 180_000

const root = fileURLToPath(new URL("../../", import.meta.url))
const full = process.argv.includes("--full")
const files = [
  ...(await testsOf(full ? ["packages/farcall/src"] : folders)).map((path) => path.replace("/src/", "/dist/")),
  ...(await testsOf(["examples"])).map((path) => path.replace("/src/", "/dist/").replace("/test/", "/dist/test/")),
].map((path) => join(root, path.replace(/\.ts$/, ".js")))

for (const transport of asked.length === 0 ? transports : asked) {
  process.env["FARCALL_TEST_TRANSPORT"] = transport
  const failed: string[] = []
  let passed = 0
  // Events are taken as they come: a stream that nobody reads would stand still.
  const events = run({ files, concurrency: 1, timeout: timeoutMs })
  events.on("test:pass", ({ details }) => {
    if (details.type !== "suite") passed++
  })
  events.on("test:fail", ({ file = "", name, details }) => {
    // A suite fails by what is in it.
    if (details.type !== "suite") failed.push(`${file.replace(root, "")}: ${name}: ${causeOf(details.error)}`)
  })
  for await (const _ of events);
  for (const one of failed) console.log(`✗ ${one}`)
  console.log(`over ${transport}: ${files.length} files of tests, ${passed} passed, ${failed.length} failed`)
  if (failed.length > 0 || passed === 0) process.exitCode = 1
}

function causeOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.message : message
}

/** The sources of tests below these folders of the repository. */
async function testsOf(places: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const place of places) {
    for (const path of await readdir(join(root, place), { recursive: true })) {
      if (path.endsWith(".test.ts") && !/(^|\/)(node_modules|dist)\//.test(path)) found.push(`${place}/${path}`)
    }
  }
  return found.sort()
}
