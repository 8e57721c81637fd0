import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { compareDescriptors, proto3Corpus, sample } from "./descriptor-identity.js"

const CORNER_CASES = fileURLToPath(new URL("../corner-cases/", import.meta.url))

test("descriptors of the corner cases are byte for byte protoc's", async () => {
  const names = readdirSync(CORNER_CASES)
  assert.ok(names.length > 0)
  const { compared, differences } = await compareDescriptors(names, CORNER_CASES)
  assert.equal(compared, names.length)
  assert.deepEqual(differences, [])
})

const SEED = 20_260_731

test("descriptors of 300 files of the corpus are byte for byte protoc's", async () => {
  const corpus = proto3Corpus()
  assert.ok(corpus.length > 7000, `the corpus has only ${corpus.length} files`)
  const { compared, differences } = await compareDescriptors(sample(corpus, 300, SEED))
  assert.equal(compared, 300)
  assert.deepEqual(differences, [], `seed ${SEED}`)
})
