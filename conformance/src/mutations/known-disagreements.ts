import type { Disagreement } from "./run.js"

/** A way in which we and protoc are of different minds, and why that stays. */
export interface KnownDisagreement {
  readonly reason: string
  readonly covers: (disagreement: Disagreement) => boolean
}

export const knownDisagreements: readonly KnownDisagreement[] = [
  {
    reason:
      "protoc aborts on an option whose string is not UTF-8, where its type asks for it; it says nothing of the file",
    covers: ({ agreement, protoc }) =>
      agreement.verdict === "protoc crashes" &&
      protoc.lines.some((line) => line.includes("contains invalid UTF-8 data")),
  },
]
