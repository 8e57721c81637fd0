import assert from "node:assert/strict"
import { test } from "node:test"
import { compareDescriptors, proto3Corpus, sample } from "./descriptor-identity.js"

const SEED = 20_260_731

test("descriptors of 300 files of the corpus are byte for byte protoc's", async () => {
  const corpus = proto3Corpus()
  assert.ok(corpus.length > 7000, `the corpus has only ${corpus.length} files`)
  const { compared, differences } = await compareDescriptors(sample(corpus, 300, SEED))
  assert.equal(compared, 300)
  assert.deepEqual(differences, [], `seed ${SEED}`)
})
