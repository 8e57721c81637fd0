import assert from "node:assert/strict"
import { join } from "node:path"
import { after, describe, it } from "node:test"
import type { Body, Conversation } from "./conversation.js"
import { conversationOf } from "./generator.js"
import { startGoPeer } from "./go-peer.js"
import { reportOf } from "./report.js"
import { runDifferential } from "./run.js"
import { type ClientView, comparedClient, expectedOfClient, grouped } from "./views.js"

const seed = 1
const conversations = 60

describe("the same conversations", () => {
  const programs = process.env["FARCALL_GO"]
  const go = programs === undefined ? undefined : startGoPeer(join(programs, "http2-peer"))
  after(() => go?.close?.())

  it(`are the same to our engine and to node:http2${go ? " and to Go" : ""} (seeds ${seed} to ${seed + conversations - 1})`, async () => {
    const { disagreements, pairings, exchanges } = await runDifferential({ conversations, seed, ...(go && { go }) })
    assert.deepEqual(disagreements.map(reportOf), [])
    assert.ok(pairings.length >= 3 && exchanges > conversations)
  })

  it("are of all kinds", () => {
    const all = Array.from({ length: 500 }, (_, i) => conversationOf(seed + i))
    const exchanges = all.flatMap((conversation) => conversation.exchanges)
    const kinds = new Set(exchanges.map(({ ending }) => `${ending.kind} ${ending.by}`))
    assert.deepEqual([...kinds].sort(), [
      "early server",
      "reset-amid client",
      "reset-amid server",
      "reset-at-body server",
      "reset-at-headers server",
      "whole server",
    ])
    const lengths = exchanges.map(({ response }) => response.body).filter((body): body is Body => body !== null)
    const severalWindows = (conversation: Conversation) =>
      conversation.exchanges.some(
        ({ request }) => (request.body?.chunks ?? []).reduce((a, b) => a + b, 0) > 2 * conversation.server.streamWindow,
      )
    assert.ok(lengths.some(({ chunks }) => chunks.length === 0))
    assert.ok(all.filter(severalWindows).length > 10)
    assert.ok(exchanges.some(({ response }) => response.informational.length > 1))
    assert.ok(exchanges.some(({ request }) => request.method === "HEAD"))
    assert.ok(all.some(({ changes }) => changes.length > 0))
    assert.deepEqual(conversationOf(77), conversationOf(77))
  })
})

describe("a difference is seen", () => {
  const conversation = conversationOf(1)
  const pairing = { client: "ours", server: "ours" } as const
  const expected = expectedOfClient(conversation, pairing)
  const wrongs: Record<string, Partial<ClientView["exchanges"][number]>> = {
    "another status": { status: 299 },
    "a field more": { fields: [...expected.exchanges[0]!.fields!, ["x", "y"]] },
    "another body": { body: { length: 1, sha1: "" } },
    "trailers from nowhere": { trailers: [["x", "y"]] },
    "another end": { end: 8 },
  }
  for (const [what, wrong] of Object.entries(wrongs)) {
    it(what, () => {
      const exchanges = [{ ...expected.exchanges[0]!, ...wrong }, ...expected.exchanges.slice(1)]
      assert.notDeepEqual(comparedClient({ ...expected, exchanges }, conversation, pairing), expected)
    })
  }

  it("and what is right is let pass", () => {
    assert.deepEqual(comparedClient(expected, conversation, pairing), expected)
  })

  it("fields of an object, one named __proto__", () => {
    const fields = [
      ["b", "1"],
      ["__proto__", "2"],
      ["b", "3"],
      ["7", "4"],
    ] as const
    assert.deepEqual(grouped(fields), [
      ["7", "4"],
      ["b", "1"],
      ["b", "3"],
      ["__proto__", "2"],
    ])
  })
})
