import type { Pair, Side } from "./interop/cell.js"
import { playHttp2Cases } from "./interop/http2-column.js"
import { type Column, isWrong, matrixText, playColumn } from "./interop/matrix.js"
import { ServiceAccount } from "./interop/service-account.js"

// gRPC's interoperability cases, ours with ours and with the programs of others, both ways, in plaintext and over TLS, and
// the eight HTTP/2 cases of our client. Needs FARCALL_GO, the folder of the Go programs, and FARCALL_PYTHON, a Python with
// grpcio. Prints a matrix; ends with 1 unless each cell is as it has to be.

const others: readonly Side[] = ["grpc-go", "grpcio", "grpc-js"]
const pairs: readonly Pair[] = [
  { client: "ours", server: "ours" },
  ...others.flatMap((side): Pair[] => [
    { client: "ours", server: side },
    { client: side, server: "ours" },
  ]),
]

await using account = await ServiceAccount.create()
const columns: Column[] = []
const waiting = pairs.entries()
const playNext = async (): Promise<void> => {
  for (const [i, pair] of waiting) columns[i] = await playColumn(pair, account.flags)
}
// Two at a time: clients wait for servers, and both for the machine.
await Promise.all([playNext(), playNext()])
console.log(matrixText(columns))

const http2 = [...(await playHttp2Cases())]
const failed = http2.filter(([, outcome]) => outcome !== undefined)
console.log(`\nour client, each case against a server of raw frames (plaintext; that server speaks no TLS):`)
console.log(http2.map(([name, outcome]) => `${outcome === undefined ? "✓" : "✗"} ${name}`).join("  "))
for (const [name, outcome] of failed) console.log(`✗ ${name}: ${outcome}`)

if (columns.some(isWrong) || failed.length > 0 || http2.length < 8) process.exitCode = 1
