import type { Direction, Strike as Fault } from "../../../packages/farcall/dist/testing/faults/fault-rule.js"
import { memoryScene } from "./memory-scene.js"
import { deadlines, endOf, leftovers, responsesTo, settle, settleLeft } from "./paced-call.js"
import { type CallKind, callKinds } from "./table.js"

/** A fault at one byte of what goes over a connection, from its preface on, for a call of some kind. */
interface Strike {
  readonly fault: Fault
  readonly direction: Direction
  /** How many bytes of the direction pass before it. */
  readonly byte: number
  readonly kind: CallKind
}

/** Faults that may strike anywhere, and how a call may end under each. */
const strikingAnywhere: readonly (readonly [Fault, codes: readonly string[]])[] = [
  [{ fault: "cut" }, ["OK", "UNAVAILABLE"]],
  [{ fault: "close" }, ["OK", "UNAVAILABLE"]],
  [{ fault: "close", towards: "client" }, ["OK", "UNAVAILABLE"]],
  [{ fault: "close", towards: "server" }, ["OK", "UNAVAILABLE"]],
  [{ fault: "stall" }, ["OK", "DEADLINE_EXCEEDED"]],
  [{ fault: "stall", ms: 300 }, ["OK"]],
  [{ fault: "split" }, ["OK"]],
]

/** Whether the fault has struck, and all that was not as it is to be. */
async function strike({ fault, direction, byte, kind }: Strike): Promise<{ struck: boolean; wrong: string[] }> {
  const wrong: string[] = []
  const scene = await memoryScene({ keepalive: false })
  const after = direction === "requests" ? { requests: byte } : { responses: byte }
  const rule = scene.faults.add({ ...fault, after, times: 1 })
  const timeoutMs = deadlines.stall
  const ending = await settle(scene, endOf(scene, kind, timeoutMs))
  const codes = strikingAnywhere.find(([one]) => one === fault)![1]
  if (ending === undefined) wrong.push("the call never ended")
  else if (!codes.includes(ending.code)) wrong.push(`ended ${ending.code}: ${ending.error?.message}`)
  else {
    const expected = responsesTo(kind)
    const came = ending.code === "OK" ? expected : expected.slice(0, ending.texts.length)
    if (ending.texts.join() !== came.join()) wrong.push(`the responses were ${JSON.stringify(ending.texts)}`)
    if (rule.matched === 0 && ending.code !== "OK") wrong.push(`ended ${ending.code} by itself`)
  }
  wrong.push(...(await settleLeft(scene, timeoutMs)))
  wrong.push(...leftovers("the end", await scene.end()))
  const where = `${JSON.stringify(fault)} at byte ${byte} of the ${direction}, ${kind}`
  return { struck: rule.matched > 0, wrong: wrong.map((what) => `${where}: ${what}`) }
}

/** Every fault at every byte there is, or at every so many-th. */
export async function strikeEverywhere(step: number): Promise<{ strikes: number; wrong: string[] }> {
  let strikes = 0
  const all: string[] = []
  for (const [fault] of strikingAnywhere) {
    for (const kind of callKinds) {
      for (const direction of ["requests", "responses"] as const) {
        for (let byte = strikes % step; ; byte += step) {
          const { struck, wrong } = await strike({ fault, direction, byte, kind })
          all.push(...wrong)
          if (!struck) break
          strikes++
        }
      }
    }
  }
  return { strikes, wrong: all }
}
