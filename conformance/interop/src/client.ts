import { StatusError } from "farcall"
import { compressionCases } from "./compression-cases.js"
import { endingCases } from "./ending-cases.js"
import { clientFlags } from "./flags.js"
import { http2Cases } from "./http2-cases.js"
import { metadataCases } from "./metadata-cases.js"
import { payloadCases } from "./payload-cases.js"
import { soakCases } from "./soak-cases.js"
import { connect, type PlayCase, setStage } from "./stage.js"

// gRPC's interoperability client: plays test cases against a server, prints how each went, and ends with 1 when one of
// them went otherwise than it should.

const cases: ReadonlyMap<string, PlayCase> = new Map(
  [payloadCases, compressionCases, endingCases, metadataCases, soakCases, http2Cases].flatMap(Object.entries),
)

try {
  const flags = clientFlags(process.argv.slice(2))
  const wanted = flags.test_case.split(",").map((name) => {
    const play = cases.get(name)
    if (play === undefined) throw new Error(`there is no test case ${JSON.stringify(name)}`)
    return { name, play }
  })
  await using channel = connect(flags)
  const stage = setStage(channel, flags)
  for (const { name, play } of wanted) {
    try {
      await play(stage)
      console.log(`${name}: passed`)
    } catch (error) {
      process.exitCode = 1
      console.log(`${name}: failed: ${textOf(error).replace(/\s+/g, " ")}`)
    }
  }
} catch (error) {
  console.error(textOf(error))
  process.exitCode = 1
}

function textOf(error: unknown): string {
  if (error instanceof StatusError) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
