import { type Figure, lessIsBetter } from "../measure/figure.js"
import { runPinned } from "../measure/pinned-process.js"
import type { CodecTime, Operation } from "../processes/codecs.js"
import { programs } from "./programs.js"
import type { Workload } from "./workload.js"

/** Writing and reading messages, in one process in turns. */
export const codec: Workload = {
  name: "codec",
  title: "codec",
  async run(bench) {
    bench.progress("codec: four shapes, three libraries")
    const time = ["--runs", String(bench.runs), "--milliseconds", String(bench.seconds * 40)]
    const output = await runPinned(bench.cores.load, process.execPath, [programs.codecs, ...time])
    return comparisons(JSON.parse(output) as CodecTime[])
  },
}

/** Ours beside each other library's, shape by shape. */
function comparisons(times: readonly CodecTime[]): Figure[] {
  return times
    .filter(({ library }) => library === "farcall")
    .flatMap((ours) => {
      // The others have no way to write into a buffer of the caller's: beside it stands what they have.
      const like = ours.operation === "encodeInPlace" ? "encode" : ours.operation
      return times
        .filter(({ library, shape, operation }) => library !== "farcall" && shape === ours.shape && operation === like)
        .map((theirs) =>
          lessIsBetter(
            `codec, ${ours.shape} message (${ours.bytes} B)`,
            spelledOut[ours.operation],
            ours.nanoseconds,
            theirs.library,
            theirs.nanoseconds,
            goalOf(ours.shape, theirs.library),
          ),
        )
    })
}

const spelledOut: Record<Operation, string> = {
  encode: "encode, own array, ns",
  encodeInPlace: "encode in place (theirs: own array), ns",
  decode: "decode, ns",
}

function goalOf(shape: string, library: string): number {
  if (library === "protobufjs") return 1.6
  return shape === "large" ? 2.5 : 4
}
