import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { describe, it } from "node:test"
import { forGeneratedCode, type PublicName, publicFace, publicFacePage, publicNames } from "./public-face.js"
import { spokenNames } from "./spoken-names.js"

describe("docs/public-face.md", async () => {
  const names = await publicNames()

  it("lists what the packages export, as npm run generate writes it", async () => {
    assert.equal(await readFile(publicFacePage, "utf8"), publicFace(names))
  })

  it("is of names that say what they are", () => {
    // What only generated code imports is told of where it is generated.
    const silent = names.filter(({ from, says }) => says === "" && !from.startsWith("@farcall/protobuf/"))
    assert.deepEqual(silent.map(imported), [])
  })

  it("is of names that some other page or an example speaks of", async () => {
    const spoken = await spokenNames()
    const unspoken = names.filter(({ from, name }) => !forGeneratedCode.test(from) && !spoken.has(name))
    assert.deepEqual(unspoken.map(imported), [])
  })
})

function imported({ from, name }: PublicName): string {
  return `${from}: ${name}`
}
