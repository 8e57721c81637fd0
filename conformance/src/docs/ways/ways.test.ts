import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { drawWay } from "./draw-way.js"
import { pictureOf, ways } from "./ways.js"

const packages = fileURLToPath(new URL("../../../../packages/", import.meta.url))

for (const way of ways) {
  describe(`docs/ways/${way.name}.svg`, () => {
    const stops = [...way.left.stops, ...way.right.stops]

    it("is drawn from its description, as npm run generate does", async () => {
      assert.equal(await readFile(pictureOf(way), "utf8"), drawWay(way))
    })

    it("names files that there are, and what they define", async () => {
      for (const { file, forth = [], back = [] } of stops) {
        if (file === undefined) continue
        const source = await readFile(pathOf(file), "utf8")
        for (const name of [...forth, ...back]) assert.ok(defines(source, name), `${file} defines no ${name}`)
      }
    })

    it("speaks of files that there are", () => {
      for (const { says } of stops) {
        for (const [file] of says.matchAll(/[\w-]+\/[\w/-]+\.ts\b/g)) assert.ok(existsSync(pathOf(file)), `no ${file}`)
      }
    })
  })
}

function pathOf(file: string): string {
  const own = /^(http2|protobuf|tools)\/src\//.test(file)
  return join(packages, own ? file : `farcall/src/${file}`)
}

/** A function, a class, or a method of one. */
function defines(source: string, name: string): boolean {
  const words = "(?:private |protected |public |static |override |async |abstract |get |set )*"
  const declared = new RegExp(`\\b(?:function\\*?|class|const|interface) ${name}\\b`)
  return declared.test(source) || new RegExp(`^  ${words}\\*?${name}(?:<[^>]*>)?\\(`, "m").test(source)
}
