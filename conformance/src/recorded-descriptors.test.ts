import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { filesIn, lineOf, ourDescriptor, RECORDED_FILE, recordedFolders } from "./recorded-descriptors.js"

const recorded = readFileSync(RECORDED_FILE, "utf8").trim().split("\n")

for (const folder of recordedFolders) {
  for (const file of filesIn(folder)) {
    test(`protoc's descriptor of ${folder}/${file}`, () => {
      const line = lineOf(folder, file, ourDescriptor(folder, file))
      assert.ok(recorded.includes(line), `not as recorded: ${line}`)
    })
  }
}

test("each file is recorded", () => {
  const count = recordedFolders.flatMap(filesIn).length
  assert.ok(count > 0)
  assert.equal(recorded.length, count)
})
