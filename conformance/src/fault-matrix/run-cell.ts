import { StatusError } from "farcall"
import { PlannedFault } from "../../../packages/farcall/dist/testing/faults/fault.js"
import { PAUSE_MS, type Scene, type SceneOptions } from "./scene.js"
import type { CallKind, Cell } from "./table.js"

const text = "a message of the matrix, long enough to have a middle"

/** Deadlines: where they are to come, and where something else is to come first. */
const deadlines = { stall: 10_000, others: 20_000 }

/** Makes the call of a cell, and says all that was not as the table has it. */
export async function runCell(cell: Cell, openScene: (options: SceneOptions) => Promise<Scene>): Promise<string[]> {
  const wrong: string[] = []
  const { row, phase, kind, code } = cell
  const plan = new PlannedFault(row.fault, phase)
  const scene = await openScene({ plan, keepalive: row.keepalive })
  const first = await settle(scene, endOf(scene, "unary", deadlines.others))
  if (first?.code !== "OK") wrong.push(`the call before it ended ${first?.code}: ${first?.error?.message}`)
  plan.armed = true
  const stalled = row.fault.kind === "stall"
  const timeoutMs = stalled && !row.keepalive ? deadlines.stall : deadlines.others
  const ending = await settle(scene, endOf(scene, kind, timeoutMs))
  if (!plan.struck) wrong.push("the fault never struck")
  if (ending === undefined) wrong.push("the call never ended")
  else wrong.push(...compare(cell, ending))
  // Where the line is dead, the server has the call's deadline to know by.
  for (let passed = 0; sum(scene.left()) > 0 && passed <= timeoutMs; passed += PAUSE_MS) await scene.pass(PAUSE_MS)
  wrong.push(...leftovers("the call", scene.left()))
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

function leftovers(after: string, left: Record<string, number>): string[] {
  return Object.entries(left).flatMap(([what, count]) => (count === 0 ? [] : [`after ${after}: ${count} ${what}`]))
}

function sum(left: Record<string, number>): number {
  return Object.values(left).reduce((total, count) => total + count, 0)
}

interface Ending {
  readonly code: string
  readonly texts: readonly string[]
  readonly error: StatusError | undefined
}

function compare({ row, phase, kind, code, says }: Cell, { code: came, texts, error }: Ending): string[] {
  const wrong: string[] = []
  if (came !== code) wrong.push(`ended ${came}: ${error?.message}`)
  if (came === "OK") {
    const expected = kind === "unary" ? [text] : kind === "clientStreaming" ? ["2"] : [text, text]
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

/** Lets time pass until the call has ended; `undefined`: it does not. */
async function settle(scene: Scene, call: Promise<Ending>): Promise<Ending | undefined> {
  let ending: Ending | undefined
  void call.then((value) => (ending = value))
  for (let passed = 0; ending === undefined && passed < 2 * deadlines.others; passed += PAUSE_MS) {
    await scene.pass(PAUSE_MS)
  }
  return ending
}

async function endOf(scene: Scene, kind: CallKind, timeoutMs: number): Promise<Ending> {
  const texts: string[] = []
  try {
    for await (const message of responsesOf(scene, kind, timeoutMs)) texts.push(message.text)
    return { code: "OK", texts, error: undefined }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { code: error.code, texts, error }
  }
}

/** A call that does one thing at a time. */
async function* responsesOf(
  { client, pass }: Scene,
  kind: CallKind,
  timeoutMs: number,
): AsyncGenerator<{ text: string }> {
  switch (kind) {
    case "unary":
      yield await client.say({ text }, { timeoutMs })
      return
    case "serverStreaming":
      yield* client.repeat({ text }, { timeoutMs })
      return
    case "clientStreaming": {
      const call = client.gather({ timeoutMs })
      await call.write({ text })
      await pass(PAUSE_MS)
      await call.write({ text })
      call.end()
      yield await call.response
      return
    }
    case "bidi": {
      const call = client.chat({ timeoutMs })
      await call.write({ text })
      let written = 1
      for await (const message of call) {
        yield message
        if (written++ < 2) await call.write({ text })
        else call.end()
      }
    }
  }
}
