import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { complaintsAbout, EXPECTED_FILE, parseExpected, plantedFiles } from "./planted-errors.js"

const expected = parseExpected(readFileSync(EXPECTED_FILE, "utf8"))

for (const file of plantedFiles()) {
  test(`protoc's words about ${file}`, () => {
    const wanted = expected.get(file)
    assert.ok(wanted && wanted.length > 0, "not recorded: run record-planted-errors")
    assert.deepEqual(complaintsAbout(file), wanted)
  })
}

test("there are at least five hundred planted errors", () => {
  assert.ok(plantedFiles().length >= 500)
  assert.deepEqual([...expected.keys()], plantedFiles())
})
