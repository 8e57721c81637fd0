import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { compareCodecs } from "./codec-comparison.js"
import { proto3Corpus, sample } from "./descriptor-identity.js"
import { comparePbFiles, comparePbOfOwnFiles, isComparable, pbForms } from "./pb-exports.js"

// A sample of what `npm run conformance` does on the corpus.

const corpus = proto3Corpus()

describe("generated code", () => {
  it("has in x_pb.ts what protoc-gen-es writes", () => {
    const { compared, differences } = comparePbFiles(sample(corpus, 60, 2), pbForms[0], undefined, isComparable)
    assert.ok(compared > 30, `only ${compared} files were compared`)
    assert.deepEqual(differences, [])
  })

  it("has in x_pb.ts what protoc-gen-es writes with its options, of services, options, extensions and hostile names", () => {
    const { compared, differences } = comparePbOfOwnFiles(pbForms.at(-1)!)
    assert.equal(compared, 5)
    assert.deepEqual(differences, [])
  })

  it("type-checks as strictly as can be, and its codecs are like @bufbuild/protobuf, in proto2 and editions too", async () => {
    const { messages, complaints } = await compareCodecs(sample(corpus, 20, 3), 3, 20)
    assert.equal(complaints, "")
    assert.ok(messages > 10, `only ${messages} message types were compared`)
  })
})
