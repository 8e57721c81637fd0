import { openNeighbour } from "./neighbour.js"
import { deadlines, type Ending, endOf, leftovers, responsesTo, settle, settleLeft } from "./paced-call.js"
import { PAUSE_MS, type Scene, type SceneOptions } from "./scene.js"
import type { Cell } from "./table.js"

/** Makes the call of a cell, and says all that was not as the table has it. */
export async function runCell(cell: Cell, openScene: (options: SceneOptions) => Promise<Scene>): Promise<string[]> {
  const wrong: string[] = []
  const { row, phase, kind, code } = cell
  const scene = await openScene({ keepalive: row.keepalive })
  const first = await settle(scene, endOf(scene, "unary", deadlines.others))
  if (first?.code !== "OK") wrong.push(`the call before it ended ${first?.code}: ${first?.error?.message}`)
  const neighbour = row.ofStream ? await openNeighbour(scene) : undefined
  const rule = scene.faults.add({ ...row.fault, at: phase, times: 1 })
  const stalled = row.fault.fault === "stall" && row.fault.ms === undefined
  const timeoutMs = stalled && !row.keepalive ? deadlines.stall : deadlines.others
  const ending = await settle(scene, endOf(scene, kind, timeoutMs))
  if (rule.matched === 0) wrong.push("the fault never struck")
  if (ending === undefined) wrong.push("the call never ended")
  else wrong.push(...compare(cell, ending))
  if (neighbour !== undefined) wrong.push(...(await neighbour.finish()))
  wrong.push(...(await settleLeft(scene, timeoutMs)))
  if (!stalled || row.keepalive) {
    // A connection that is about to end is not to take it.
    await scene.pass(10 * PAUSE_MS)
    const next = await settle(scene, endOf(scene, "unary", deadlines.others))
    if (next?.code !== "OK") wrong.push(`the next call ended ${next?.code}: ${next?.error?.message}`)
  }
  wrong.push(...leftovers("the end", await scene.end()))
  const where = `${row.name} | ${phase} | ${kind}, to be ${code}`
  return wrong.map((what) => `${where}: ${what}`)
}

function compare({ row, phase, kind, code, says }: Cell, { code: came, texts, error }: Ending): string[] {
  const wrong: string[] = []
  if (came !== code) wrong.push(`ended ${came}: ${error?.message}`)
  if (came === "OK") {
    const expected = responsesTo(kind)
    const short = row.mayBeShort && phase === "between responses" ? expected.slice(0, 1) : expected
    if (texts.join() !== short.join()) wrong.push(`the responses were ${JSON.stringify(texts)}`)
  }
  if (error === undefined || came !== code) return wrong
  if (!says.some((part) => error.message.includes(part))) wrong.push(`the error says ${JSON.stringify(error.message)}`)
  if (!/ at (in-memory:|ipv4:)\S+$/.test(error.message)) wrong.push(`no address in ${JSON.stringify(error.message)}`)
  if (code === "UNAVAILABLE" && !(error.cause instanceof Error)) wrong.push("the error has no cause")
  if (error.attempts !== 1) wrong.push(`it took ${error.attempts} attempts`)
  return wrong
}
