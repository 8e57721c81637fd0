import assert from "node:assert/strict"
import { test } from "node:test"
import { array, assert as check, constant, nat, oneof, property, uint8Array } from "fast-check"
import { FoldedMessages } from "./folded-messages.js"

test("messages come out as they went in, in their order, with the credit that is due", () => {
  const step = oneof(uint8Array({ maxLength: 3000 }), nat(100), constant("shift" as const))
  check(
    property(array(step, { maxLength: 200 }), (steps) => {
      const folded = new FoldedMessages()
      const model: { bytes: number[]; wireBytes: number }[] = []
      for (const what of steps) {
        if (what === "shift") {
          assert.equal(folded.isEmpty, model.length === 0)
          if (folded.isEmpty) continue
          const taken = folded.shift((bytes, start, stop, wireBytes) => ({
            bytes: [...bytes.subarray(start, stop)],
            wireBytes,
          }))
          assert.deepEqual(taken, model.shift())
        } else if (typeof what === "number") {
          if (folded.isEmpty) continue
          folded.addToLast(what)
          model.at(-1)!.wireBytes += what
        } else {
          // It lies somewhere in a chunk that is somebody else's afterwards.
          const chunk = new Uint8Array([9, ...what, 9])
          folded.push(chunk, 1, 1 + what.length, what.length + 5)
          chunk.fill(0xee)
          model.push({ bytes: [...what], wireBytes: what.length + 5 })
        }
      }
    }),
  )
})
