import assert from "node:assert/strict"
import { test } from "node:test"
import { knownDisagreements } from "./known-disagreements.js"
import { runMutations } from "./run.js"

// A sample of what `npm run conformance` does, with seeds that it does not have.

const SEED = 1_000_000

test("protoc and we accept, refuse and say the same of five hundred mutated files", async () => {
  const { compared, refused, disagreements } = await runMutations({ mutants: 500, seed: SEED })
  assert.ok(compared > 490 && refused.count > 250, `${refused.count} of ${compared} are refused`)
  const unknown = disagreements.filter((disagreement) => !knownDisagreements.some(({ covers }) => covers(disagreement)))
  assert.deepEqual(unknown, [])
})
