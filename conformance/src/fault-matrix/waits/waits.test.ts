import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import { describe, it } from "node:test"
import { StatusError } from "farcall"
import { tableAfter } from "../table.js"
import { callWaits } from "./call-waits.js"
import { connectionWaits } from "./connection-waits.js"
import { deadLineWaits } from "./dead-line-waits.js"
import { serverWaits } from "./server-waits.js"

const page = await readFile(new URL("../../../../docs/faults.md", import.meta.url), "utf8")
const waits = { ...connectionWaits, ...callWaits, ...serverWaits, ...deadLineWaits }

/** No wait of these takes so long, whatever the machine. */
const limitMs = 20_000

describe("the waits of docs/faults.md", () => {
  const [, , ...rows] = tableAfter(page, "<!-- waits -->")

  it("are those that are tried here", () => {
    assert.deepEqual(
      rows.map(([name]) => name),
      Object.keys(waits),
    )
  })

  for (const [name, , code, text, cause] of rows) {
    it(`${name}: ${code}`, { timeout: limitMs }, async () => {
      if (code === "no error") return waits[name!]!()
      const error = await failureOf(waits[name!]!())
      assert.equal(error instanceof StatusError ? error.code : error.constructor.name, code, error.stack)
      assert.match(error.message, patternOf(text!))
      assert.match(error.cause instanceof Error ? error.cause.message : "–", patternOf(cause!))
    })
  }
})

/** `connect … failed`: the points stand for anything. */
function patternOf(text: string): RegExp {
  const literally = (part: string): string => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
  return new RegExp(`^${text.replaceAll("`", "").split("…").map(literally).join(".*")}$`)
}

async function failureOf(wait: Promise<void>): Promise<Error> {
  try {
    await wait
  } catch (error) {
    assert.ok(error instanceof Error)
    return error
  }
  assert.fail("it ended without an error")
}
