import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { defaultLimits, errorCodeName } from "@farcall/http2"
import { data, headers } from "../wire/frame.js"
import { request } from "../wire/header-block.js"
import type { Attack } from "./attack.js"
import { floods, message } from "./floods.js"
import { hostileWords } from "./hostile-words.js"
import { besiege, type Siege } from "./siege.js"

/** A call that the hostile connection makes as an honest one would, when it has been let live. */
const honestStream = 1_000_001
const honestCall = Buffer.concat([
  headers(honestStream, request("/test.Parrot/Say")),
  data(honestStream, message("still here"), true),
])

describe("a server", () => {
  for (const attack of [...floods, ...hostileWords]) {
    it(`${attack.expect.kind === "cut" ? "cuts off" : "outlives"} ${attack.name}: ${attack.what}`, async () => {
      const before = Object.getOwnPropertyNames(Object.prototype).join()
      const siege = await besiege(attack, burstsOf(attack), canStillCall(attack) ? honestCall : undefined)
      if (attack.expect.kind === "cut") checkCut(attack, siege)
      else checkOutlived(attack, siege)
      checkBounds(siege)
      assert.equal(Object.getOwnPropertyNames(Object.prototype).join(), before)
      assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    })
  }
})

/** A test's steps are of a second; stalls are looked for every quarter of a minute. */
function slackMs(attack: Attack): number {
  return attack.deaf ? 15_000 : 1000
}

/** Not so a client that reads nothing, or has left no window for the answer. */
function canStillCall({ deaf, name }: Attack): boolean {
  return !deaf && name !== "zero-window"
}

/** Enough to be cut, or to show that nothing grows. */
function burstsOf(attack: Attack): number {
  const { expect } = attack
  if (expect.kind === "cut" && expect.afterMs !== undefined) return 200
  return expect.kind === "cut" ? 400 : 40
}

function checkCut(attack: Attack, { closed, error, ear, closedAt, honestCalls }: Siege): void {
  assert.equal(closed, true, "it was let go on")
  assert.ok(attack.expect.kind === "cut" && error !== undefined)
  assert.equal(errorCodeName(error.code), attack.expect.code, error.message)
  if (attack.expect.afterMs !== undefined) {
    assert.ok(
      closedAt >= attack.expect.afterMs && closedAt <= attack.expect.afterMs + slackMs(attack),
      `cut after ${closedAt} ms`,
    )
    assert.ok(honestCalls >= 1)
  }
  if (attack.deaf || attack.name === "slow-preface") return
  assert.equal(ear.goAwayCode, error.code, "the peer is told why")
  assert.ok(ear.goAwayText.length > 0)
  assert.equal(ear.pongs, 0, "what stands behind the fault is not answered")
}

function checkOutlived(attack: Attack, { closed, ear, error }: Siege): void {
  const { expect } = attack
  assert.equal(closed, false, `it was cut off: ${error?.message}`)
  assert.ok(expect.kind === "bounded")
  if (expect.reset !== undefined) assert.equal(errorCodeName(ear.resets.get(1)!), expect.reset)
  if (expect.status !== undefined) assert.equal(ear.statuses.get(1)?.grpc, String(expect.status))
  if (expect.http !== undefined) assert.equal(ear.statuses.get(1)?.http, expect.http)
  if (!canStillCall(attack)) return
  assert.deepEqual(ear.statuses.get(honestStream), { grpc: "0", http: "200" }, "its own other stream lost something")
  assert.ok(ear.ended.has(honestStream))
}

function checkBounds({ most }: Siege): void {
  const { maxConcurrentStreams, sendBufferSize, outputHighWater, outputPause, streamWindow } = defaultLimits
  assert.ok(most.runningHandlers <= maxConcurrentStreams, `${most.runningHandlers} handlers`)
  assert.ok(most.waitingStreams <= 4 * maxConcurrentStreams, `${most.waitingStreams} streams wait`)
  assert.ok(most.bytesHeld <= 16_393 + 4 * defaultLimits.maxHeaderListSize, `${most.bytesHeld} bytes held`)
  assert.ok(most.pendingOutput <= outputHighWater + outputPause + 200_000, `${most.pendingOutput} bytes of output`)
  assert.ok(most.outboundQueued <= maxConcurrentStreams * (sendBufferSize + 16_384), `${most.outboundQueued} queued`)
  assert.ok(most.inboundHeld <= maxConcurrentStreams * streamWindow, `${most.inboundHeld} unread`)
  assert.ok(most.unsentReplies <= defaultLimits.unsentControlClose + 1, `${most.unsentReplies} replies`)
  assert.ok(most.unsentFrames <= defaultLimits.maxOutboundFrames + 4000, `${most.unsentFrames} frames`)
}
