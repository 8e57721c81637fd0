import type { Disagreement } from "./run.js"

/** A way in which we and protoc are of different minds, and why that stays. */
export interface KnownDisagreement {
  readonly reason: string
  readonly covers: (disagreement: Disagreement) => boolean
}

export const knownDisagreements: readonly KnownDisagreement[] = [
  {
    reason: "protoc aborts on an option with a string that is not UTF-8 but has to be; we refuse it",
    covers: ({ agreement, protoc }) =>
      agreement.verdict === "protoc crashes" &&
      protoc.lines.some((line) => line.includes("contains invalid UTF-8 data")),
  },
  {
    reason: "protoc complains of such a string in an Any, and writes it; we refuse it",
    covers: ({ agreement, ours }) =>
      agreement.verdict === "ours refuses" && ours.lines.some((line) => line.endsWith("contains invalid UTF-8.")),
  },
  {
    reason: "bytes that are not UTF-8 are U+FFFD in our descriptors, whose strings are JavaScript's",
    covers: ({ agreement, protoc, ours }) =>
      agreement.verdict === "descriptors differ" &&
      Buffer.from(ours.descriptor!).includes("\ufffd") &&
      !Buffer.from(protoc.descriptor!).includes("\ufffd"),
  },
  {
    reason:
      "protoc leaves out options for the source by the descriptor.proto at hand, be it a changed one; we by its own",
    covers: ({ agreement, mutant }) =>
      agreement.verdict === "descriptors differ" && mutant.name === "google/protobuf/descriptor.proto",
  },
  {
    reason: "protoc names nothing where a value in text format begins with #; we name it",
    covers: ({ agreement, protoc, ours }) =>
      agreement.verdict === "same" &&
      protoc.lines.length === ours.lines.length &&
      protoc.lines.every((line, i) => {
        const same = ours.lines[i]!
        return line === same || (line.endsWith("Expected integer, got: ") && same === `${line}#`)
      }),
  },
]
