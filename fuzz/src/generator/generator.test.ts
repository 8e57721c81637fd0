import assert from "node:assert/strict"
import { test } from "node:test"
import { runGenerator } from "./run.js"

const SEED = 7_000_000

test("code of thirty files of hostile texts type-checks, loads, and does nothing", async () => {
  const { loaded, modules } = await runGenerator({ inputs: 30, seed: SEED })
  assert.ok(loaded > 15, `only ${loaded} were generated`)
  assert.ok(modules > 3 * 15 - 1, `only ${modules} modules`)
})
