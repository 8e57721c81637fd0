import assert from "node:assert/strict"
import { test } from "node:test"
import { runCompiler } from "./run.js"

const SEED = 5_000_000

test("two thousand mutated files are compiled or refused, each with a place, and nothing is thrown", () => {
  const { accepted, refused } = runCompiler({ inputs: 2_000, seed: SEED })
  assert.ok(accepted > 50 && refused > 1_000, `${accepted} accepted, ${refused} refused`)
})
