import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { describe, it } from "node:test"
import { publicFace, publicFacePage, publicNames } from "./public-face.js"

describe("docs/public-face.md", async () => {
  const names = await publicNames()

  it("lists what the packages export, as npm run generate writes it", async () => {
    assert.equal(await readFile(publicFacePage, "utf8"), publicFace(names))
  })

  it("is of names that say what they are", () => {
    // What only generated code imports is told of where it is generated.
    const silent = names.filter(({ from, says }) => says === "" && !from.startsWith("@farcall/protobuf/"))
    assert.deepEqual(
      silent.map(({ from, name }) => `${from}: ${name}`),
      [],
    )
  })
})
