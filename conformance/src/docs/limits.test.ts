import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { describe, it } from "node:test"
import { defaultLimits } from "@farcall/http2"
import { channelDefaults } from "../../../packages/farcall/dist/client/channel-options.js"
import { limits } from "../../../packages/farcall/dist/core/limits.js"
import * as codecLimits from "../../../packages/protobuf/dist/limits.js"
import * as compilerLimits from "../../../packages/tools/dist/compile/limits.js"

const root = new URL("../../../", import.meta.url)
const page = await readFile(new URL("docs/limits.md", root), "utf8")

/** The limits that each file of the code has, by name. */
const inTheCode: Record<string, Readonly<Record<string, number>>> = {
  "packages/farcall/src/core/limits.ts": limits,
  "packages/farcall/src/client/channel-options.ts": channelDefaults,
  "packages/farcall/src/balance/backoff.ts": await optionsWithDefaults("packages/farcall/src/balance/backoff.ts"),
  "packages/farcall/src/resolve/dns.ts": await optionsWithDefaults("packages/farcall/src/resolve/dns.ts"),
  "packages/http2/src/limits.ts": { ...defaultLimits },
  "packages/http2/src/abuse-guard.ts": await constants("packages/http2/src/abuse-guard.ts"),
  "packages/tools/src/compile/limits.ts": { ...compilerLimits },
  "packages/protobuf/src/limits.ts": { ...codecLimits },
}

describe("docs/limits.md", () => {
  const sections = page.split(/^## /m).filter((section) => /^\| limit \|/m.test(section))

  it("has a table for each file with limits", () => {
    assert.deepEqual(sections.map(fileOf).sort(), Object.keys(inTheCode).sort())
  })

  for (const section of sections) {
    it(`${section.split("\n")[0]}: names every limit there is, with its default`, () => {
      const rows = [...section.matchAll(/^\| `(\w+)` \| ([\d.,]+) \|/gm)]
      const told = Object.fromEntries(rows.map(([, name, value]) => [name, Number(value!.replaceAll(",", ""))]))
      assert.deepEqual(told, { ...inTheCode[fileOf(section)] })
    })
  }
})

/** The file that a section says its limits are in. */
function fileOf(section: string): string {
  return /^In \[`([^`]+)`\]/m.exec(section)?.[1] ?? "no file"
}

/** `options.initialMs ?? 1_000` in a source. */
async function optionsWithDefaults(path: string): Promise<Record<string, number>> {
  return numbers(path, /\boptions\.(\w+) \?\? ([\d_.]+)/g)
}

/** `const MAX_DEPTH = 100` in a source. */
async function constants(path: string): Promise<Record<string, number>> {
  return numbers(path, /^const (\w+) = ([\d_.]+)$/gm)
}

async function numbers(path: string, pattern: RegExp): Promise<Record<string, number>> {
  const source = await readFile(new URL(path, root), "utf8")
  return Object.fromEntries(
    [...source.matchAll(pattern)].map(([, name, value]) => [name, Number(value!.replaceAll("_", ""))]),
  )
}
