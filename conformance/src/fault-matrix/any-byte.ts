import { type ByteOffset, type Fault, PlannedFault } from "../../../packages/farcall/dist/testing/faults/fault.js"
import { memoryScene } from "./memory-scene.js"
import { deadlines, endOf, leftovers, responsesTo, settle, settleLeft } from "./paced-call.js"
import { type CallKind, callKinds } from "./table.js"

/** A fault at one byte of what goes over a connection, from its preface on, for a call of some kind. */
export interface Strike {
  readonly fault: Fault
  readonly at: ByteOffset
  readonly kind: CallKind
}

/** Faults that may strike anywhere, and how a call may end under each. */
export const strikingAnywhere: readonly (readonly [Fault, codes: readonly string[]])[] = [
  [{ kind: "cut" }, ["OK", "UNAVAILABLE"]],
  [{ kind: "close" }, ["OK", "UNAVAILABLE"]],
  [{ kind: "close", towards: "client" }, ["OK", "UNAVAILABLE"]],
  [{ kind: "close", towards: "server" }, ["OK", "UNAVAILABLE"]],
  [{ kind: "stall" }, ["OK", "DEADLINE_EXCEEDED"]],
  [{ kind: "delay", ms: 300 }, ["OK"]],
  [{ kind: "segments", of: "bytes" }, ["OK"]],
]

/** Whether the fault has struck, and all that was not as it is to be. */
export async function strike({ fault, at, kind }: Strike): Promise<{ struck: boolean; wrong: string[] }> {
  const wrong: string[] = []
  const plan = new PlannedFault(fault, at)
  plan.armed = true
  const scene = await memoryScene({ plan, keepalive: false })
  const timeoutMs = deadlines.stall
  const ending = await settle(scene, endOf(scene, kind, timeoutMs))
  const codes = strikingAnywhere.find(([one]) => one === fault)![1]
  if (ending === undefined) wrong.push("the call never ended")
  else if (!codes.includes(ending.code)) wrong.push(`ended ${ending.code}: ${ending.error?.message}`)
  else {
    const expected = responsesTo(kind)
    const came = ending.code === "OK" ? expected : expected.slice(0, ending.texts.length)
    if (ending.texts.join() !== came.join()) wrong.push(`the responses were ${JSON.stringify(ending.texts)}`)
    if (!plan.struck && ending.code !== "OK") wrong.push(`ended ${ending.code} by itself`)
  }
  wrong.push(...(await settleLeft(scene, timeoutMs)))
  wrong.push(...leftovers("the end", await scene.end()))
  const where = `${JSON.stringify(fault)} at byte ${at.byte} of the ${at.direction}, ${kind}`
  return { struck: plan.struck, wrong: wrong.map((what) => `${where}: ${what}`) }
}

/** Every fault at every byte there is, or at every so many-th. */
export async function strikeEverywhere(step: number): Promise<{ strikes: number; wrong: string[] }> {
  let strikes = 0
  const all: string[] = []
  for (const [fault] of strikingAnywhere) {
    for (const kind of callKinds) {
      for (const direction of ["requests", "responses"] as const) {
        for (let byte = strikes % step; ; byte += step) {
          const { struck, wrong } = await strike({ fault, at: { direction, byte }, kind })
          all.push(...wrong)
          if (!struck) break
          strikes++
        }
      }
    }
  }
  return { strikes, wrong: all }
}
