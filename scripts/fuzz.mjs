import { build } from "./build.mjs"
import { ensureGo } from "./go.mjs"
import { ensureInstalled } from "./install.mjs"
import { CommandFailed, runNode } from "./step.mjs"

const usage = `npm run fuzz -- frames [--inputs N] [--seed S]
npm run fuzz -- attacks [--seconds N] [--only NAME …]
npm run fuzz -- differential [--conversations N] [--seed S]
npm run fuzz -- protobuf [--inputs N] [--seed S]
npm run fuzz -- compiler [--inputs N] [--seed S]
npm run fuzz -- generator [--inputs N] [--seed S]

frames    feeds the HTTP/2 engine, in both roles, with frames of hostile peers, and checks on each input that nothing
          throws, that every answer is well-formed, that nothing is parsed after a fatal error, that memory and work
          are bounded, and that a byte at a time is the same as whole. The first input that breaks one is printed as a
          fixture, and the exit code is 1.
  --inputs N   how many, each with the next seed (default 1000000)
  --seed S     the first seed (default 1)

attacks   plays each known attack at full speed from a second process against a server of ours, on loopback only, and
          prints how soon it was cut, what it cost, and how honest calls fared meanwhile. Exit 1 when any fared ill.
  --seconds N  how long each attack goes on (default 10)
  --only NAME  one attack; may be said several times

differential  has random well-formed conversations held by our engine with itself, with node:http2 and with Go's
          golang.org/x/net/http2, both ways, and compares what each end heard with what was said: headers, data,
          trailers, codes. Whoever heard something else is printed with the seed and the script; exit code 1. Without
          Go its pairings are skipped, which with CI=true is a failure.
  --conversations N  how many, each with the next seed (default 1000)
  --seed S           the first seed (default 1)

protobuf  has bytes read by our generated codecs and by @bufbuild/protobuf, of many message types: valid ones, changed
          ones, and any at all. Both must take or refuse the same, see the same value in it, and write it again with the
          same bytes, but for what docs/codec.md lists. The first input on which they differ is printed; exit code 1.
  --inputs N   how many, each with the next seed (default 1000000)
  --seed S     the first seed (default 1)

compiler  compiles .proto files with mistakes in their words or their bytes, and checks that each is refused with a place
          within it, or accepted with descriptors that can be used; that nothing throws, hangs, or says more than the
          file is worth. The first input that breaks one is printed, and the exit code is 1.
  --inputs N   how many, each with the next seed (default 1000000)
  --seed S     the first seed (default 1)

generator  generates code for .proto files in which every text tries to become code: comments, defaults, JSON names,
          options, file names, and names that mean something in JavaScript. All of it must type-check, and load without
          doing anything. The first file that breaks out is named by its seed; exit code 1.
  --inputs N   how many, each with the next seed (default 2000)
  --seed S     the first seed (default 1)`

const args = process.argv.slice(2)
if (args.length === 0 || args.includes("--help")) console.log(usage)
else {
  try {
    await ensureInstalled()
    await build("fuzz")
    const env = args[0] === "differential" ? await environmentWithGo() : {}
    await runNode(["fuzz/dist/main.js", ...args], { env })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    console.error(`✗ ${error.message}`)
    process.exitCode = error.exitCode
  }
}

/** Where the peer in Go is, or nothing when there is no Go. */
async function environmentWithGo() {
  try {
    return { FARCALL_GO: await ensureGo(["http2-peer"]) }
  } catch (error) {
    if (!(error instanceof CommandFailed) || process.env.CI === "true") throw error
    console.error(`SKIPPED: the pairings with Go: ${error.message}`)
    return {}
  }
}
