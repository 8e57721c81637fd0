import { spawnSync } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

// connectrpc/conformance on our client and our server, gRPC over HTTP/2, plain and TLS. Needs FARCALL_GO, the folder of
// the Go programs. Ends with 1 unless each case there is has passed: there is no list of known failures.

/** What suite 1.0.6 has for the committed configuration: fewer would mean that a case has not run. */
const cases = { client: 646, server: 570 } as const
const limitMs = 240_000

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "conformance/connect")
const runner = join(process.env["FARCALL_GO"] ?? "", "connectconformance")

for (const mode of ["client", "server"] as const) {
  const { error, stdout, stderr } = spawnSync(
    runner,
    [
      ...["--conf", join(folder, "config.yaml"), "--mode", mode],
      ...["--", process.execPath, join(folder, `dist/${mode}.js`)],
    ],
    { encoding: "utf8", timeout: limitMs, maxBuffer: 2 ** 28 },
  )
  if (error !== undefined) throw error
  const output = stdout + stderr
  const totals = /^(\d+) passed, (\d+) failed$/m.exec(output)
  const [passed, failed] = [Number(totals?.[1]), Number(totals?.[2])]
  const whole = passed === cases[mode] && failed === 0
  console.log(whole ? `connectconformance, our ${mode}: ${passed}/${cases[mode]} passed` : output)
  if (!whole) process.exitCode = 1
}
