import type { MessageInitShape } from "@bufbuild/protobuf"
import { type Servicer, StatusError } from "farcall"
import type { Tallies as Described, TallySchema } from "../gen/tally_pb.js"

type TallyInit = MessageInitShape<typeof TallySchema>

/** What protoc-gen-es writes of a service is what our own `_pb.ts` has of it. */
export const tallies: Servicer<typeof Described> = {
  vote({ choice, seal, weights }): TallyInit {
    if (choice === "") throw new StatusError("INVALID_ARGUMENT", "no choice")
    return { votes: { [choice]: weights["mine"] ?? 1n }, last: { choice, ...(seal && { seal }) } }
  },
  async *watch({ choice }) {
    for (let votes = 1n; votes <= 3n; votes++) yield { votes: { [choice]: votes } }
  },
  async voteAll(ballots) {
    const votes: Record<string, bigint> = {}
    for await (const { choice } of ballots) votes[choice] = (votes[choice] ?? 0n) + 1n
    return { votes }
  },
  async *exchange(ballots) {
    for await (const last of ballots) yield { last }
  },
}
