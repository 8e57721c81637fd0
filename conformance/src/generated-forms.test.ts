import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { checkForm, forms } from "./generated-forms.js"

const FOLDER = fileURLToPath(new URL("../../packages/tools/proto", import.meta.url))

// `npm run conformance` does the same on files of the corpus.

describe("generated code of every kind of field, and of hostile names, type-checks", { concurrency: 2 }, () => {
  for (const form of forms.slice(0, 2)) {
    it(form.title, async () => {
      assert.equal(await checkForm(form, ["every_kind.proto", "hostile.proto", "south/thing.proto"], FOLDER), "")
    })
  }
})
