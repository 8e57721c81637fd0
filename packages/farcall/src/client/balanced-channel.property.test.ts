import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { parseTarget } from "../resolve/target.js"
import {
  type ScriptedAttempt,
  ScriptedCall,
  ScriptedConnect,
  type ScriptedTransport,
} from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { createChannelWith } from "./balanced-channel.js"
import type { ChannelOptions } from "./channel-options.js"

const target = "ipv4:127.0.0.1:1,127.0.0.1:2,127.0.0.1:3"

const step = fc.record({
  action: fc.constantFrom("call", "wait", "withdraw", "succeed", "refuse", "lose", "goAway", "free", "time", "idle"),
  which: fc.nat(20),
})

function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % items.length]
}

/**
 * Whatever happens in whatever order: a call is told one thing once (ScriptedCall sees to that), calls begin in their
 * order, none waits while there is room, none but those that wait for ready waits in TRANSIENT_FAILURE, and after close()
 * nothing is left.
 */
interface Variant extends ChannelOptions {
  readonly connectionKey?: string
}

let runs = 0

const variants = [
  { balancing: "pick_first" },
  { balancing: "round_robin" },
  { balancing: "pick_first", maxConnectionsPerAddress: 3 },
  { balancing: "round_robin", maxConnectionsPerAddress: 2 },
  { balancing: "round_robin", connectionKey: "alone" },
] as const

for (const { connectionKey, ...options } of variants as readonly Variant[]) {
  test(`${JSON.stringify({ ...options, connectionKey })}: any order of events`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60, size: "max" }), async (steps) => {
        const clock = virtualClock()
        const net = new ScriptedConnect()
        const key = connectionKey && `${connectionKey} ${++runs}`
        const parts = { name: parseTarget(target), connect: net.connect, connectionKey: key, random: () => 0.5 }
        const channel = createChannelWith(target, parts, { clock, ...options, idleTimeoutMs: 60_000 })
        const transports: ScriptedTransport[] = []
        const calls: ScriptedCall[] = []
        const begun: ScriptedCall[] = []
        const withdrawn = new Set<ScriptedCall>()
        const waiting = (): ScriptedCall[] => calls.filter((call) => call.state === "waiting" && !withdrawn.has(call))
        const open = (): ScriptedTransport[] => transports.filter(({ closed }) => closed === undefined)
        const attempting = (): ScriptedAttempt[] => net.attempts.filter(({ ended }) => !ended)
        for (const { action, which } of steps) {
          switch (action) {
            case "call":
            case "wait": {
              const call = new ScriptedCall(action === "wait", (told) => {
                if (told.peer !== undefined) begun.push(told)
              })
              calls.push(call)
              channel.start(call)
              break
            }
            case "withdraw": {
              const call = pick(waiting(), which)
              if (call === undefined) break
              withdrawn.add(call)
              channel.withdraw(call)
              break
            }
            case "succeed": {
              const attempt = pick(attempting(), which)
              if (attempt !== undefined) transports.push(attempt.succeed(which % 4))
              break
            }
            case "refuse":
              pick(attempting(), which)?.refuse()
              break
            case "lose":
              pick(open(), which)?.lose()
              break
            case "goAway":
              pick(
                open().filter(({ accepting }) => accepting),
                which,
              )?.goAway()
              break
            case "free":
              pick(open(), which)?.free(1 + (which % 3))
              break
            case "time":
              await clock.advance(which * 500)
              break
            default:
              await clock.advance(100_000)
          }
          await settled()
          const left = waiting()
          assert.equal(clock.holds, left.length > 0 ? 1 : 0, "calls that wait hold the process, and nothing else does")
          assert.ok(left.every((call) => call.waitForReady) || channel.state !== "TRANSIENT_FAILURE")
          if (left.length > 0) {
            assert.notEqual(channel.state, "IDLE")
            if (channel.state === "READY") {
              assert.ok(
                open().every(({ accepting, capacity }) => !accepting || capacity === 0),
                "a call waits while there is room",
              )
            }
          }
        }
        assert.deepEqual(
          begun,
          calls.filter(({ peer }) => peer !== undefined),
          "calls begin in the order in which they came",
        )
        await channel.close()
        assert.deepEqual(waiting(), [])
        // A failure that could be shared is remembered for a while.
        if (key !== undefined) await clock.advance(1_000_000)
        assert.equal(clock.pending, 0)
        assert.equal(clock.holds, 0)
        await settled()
        assert.ok(net.attempts.every((attempt) => attempt.ended))
        // One that is shared is drained by who gives back the last lease, which closes it: it has no stream left.
        const left = key === undefined ? open() : open().filter(({ draining }) => !draining)
        assert.deepEqual(left, [])
      }),
      { numRuns: 150 },
    )
  })
}
