import { parseArgs } from "node:util"
import { type Implementation, implementations, type Library } from "../codecs/implementations.js"
import { shapes } from "../codecs/shapes.js"
import { median } from "../measure/median.js"

/** Nanoseconds of one operation on one shape: what this program prints, as JSON, one of each. */
export interface CodecTime {
  readonly shape: string
  /** Bytes of the first value. */
  readonly bytes: number
  readonly operation: Operation
  readonly library: Library
  readonly nanoseconds: number
}

export type Operation = "encode" | "encodeInPlace" | "decode"

const { values: flags } = parseArgs({
  options: { runs: { type: "string", default: "7" }, milliseconds: { type: "string", default: "60" } },
})
const runs = Number(flags.runs)
const milliseconds = Number(flags.milliseconds)

/** What was made, so that nothing can be left out as unused. */
let kept: unknown

const subjects = shapes.map((shape) => ({ shape, candidates: implementations(shape) }))
// Every library meets every shape before anything is measured: in a program, code has seen more than one kind of message.
for (let round = 0; round < 3; round++) {
  for (const { candidates } of subjects) for (const candidate of candidates) warmUp(candidate)
}
const times = subjects.flatMap(({ shape, candidates }) =>
  (["encode", "encodeInPlace", "decode"] as const).flatMap((operation) => {
    const able = candidates.filter((candidate) => candidate[operation] !== undefined)
    const samples = able.map((): number[] => [])
    for (let run = 0; run < runs; run++) {
      able.forEach((candidate, index) => {
        samples[index]!.push(timeOf(candidate, operation))
      })
    }
    return able.map(({ library }, index): CodecTime => {
      return {
        shape: shape.name,
        bytes: candidates[0]!.encode(0),
        operation,
        library,
        nanoseconds: median(samples[index]!),
      }
    })
  }),
)
if (kept === undefined) throw new Error("nothing was measured")
console.log(JSON.stringify(times))

function warmUp(candidate: Implementation): void {
  for (let i = 0; i < 3000; i++) {
    kept = candidate.encode(i & 15)
    kept = candidate.encodeInPlace?.(i & 15)
    kept = candidate.decode(i & 15)
  }
}

/** Repeats an operation for the time that was asked for; nanoseconds of one. */
function timeOf(candidate: Implementation, operation: Operation): number {
  let batch = 64
  for (;;) {
    const begun = performance.now()
    for (let i = 0; i < batch; i++) kept = candidate[operation]!(i & 15)
    const took = performance.now() - begun
    if (took >= milliseconds) return (took * 1e6) / batch
    batch = Math.ceil(batch * Math.min(8, Math.max(1.3, (1.1 * milliseconds) / Math.max(took, 0.01))))
  }
}
