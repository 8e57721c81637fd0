import assert from "node:assert/strict"
import { it } from "node:test"
import fc from "fast-check"
import { RetryResources } from "./retry-resources.js"
import { SentRequests } from "./sent-requests.js"
import type { ClientStream } from "./transport.js"

/** A message of so many bytes behind its prefix, all of them told apart from their neighbours. */
function framedOf(length: number, seed: number): Uint8Array {
  const framed = new Uint8Array(5 + length)
  new DataView(framed.buffer).setUint32(1, length)
  for (let i = 5; i < framed.length; i++) framed[i] = (seed * 31 + i) & 255
  return framed
}

/** What is sent, each message by itself. */
function recorder(): { readonly sent: Uint8Array[]; readonly stream: ClientStream } {
  const sent: Uint8Array[] = []
  const stream = { sendEncoded: (bytes: Uint8Array) => sent.push(new Uint8Array(bytes)) }
  return { sent, stream: stream as unknown as ClientStream }
}

it("gives back what it was given, message by message, as often as it is asked, and its memory in the end", () => {
  const resources = new RetryResources(262_144, 1_000_000, Math.random)
  const lengths = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 30_000 })),
    { maxLength: 40 },
  )
  fc.assert(
    // Two calls at once, so that pages which are used again would be seen to be shared.
    fc.property(lengths, lengths, (first, second) => {
      const calls = [first, second].map((all) => ({
        kept: new SentRequests(resources),
        messages: all.map((length, index) => framedOf(length, index)),
      }))
      for (let i = 0; i < Math.max(first.length, second.length); i++) {
        for (const { kept, messages } of calls) {
          const message = messages[i]
          if (message !== undefined)
            kept.keep(Buffer.concat([Buffer.of(9), message, Buffer.of(9)]), 1, 1 + message.length)
        }
      }
      for (const { kept, messages } of calls) {
        const total = messages.reduce((sum, { length }) => sum + length, 0)
        assert.equal(kept.complete, total <= 65_535)
        for (let again = 0; again < 2; again++) {
          const { sent, stream } = recorder()
          kept.sendTo(stream)
          assert.deepEqual(sent, kept.complete ? messages : [])
        }
        kept.free()
        kept.free()
      }
      assert.equal(resources.memory.used, 0)
    }),
    { numRuns: 200 },
  )
})
