import { StatusError } from "farcall"
import { PAUSE_MS, type Scene } from "./scene.js"
import type { CallKind } from "./table.js"

/** Deadlines: where they are to come, and where something else is to come first. */
export const deadlines = { stall: 10_000, others: 20_000 } as const

/** How a call ended, and what had come by then. */
export interface Ending {
  readonly code: string
  readonly texts: readonly string[]
  readonly error: StatusError | undefined
}

const text = "a message of the matrix, long enough to have a middle"

/** The texts of all responses that a call is to have. */
export function responsesTo(kind: CallKind): string[] {
  return kind === "unary" ? [text] : kind === "clientStreaming" ? ["2"] : [text, text]
}

/** Lets time pass until it is there; `undefined`: it does not come. */
export async function settle<T>(scene: Scene, awaited: Promise<T>): Promise<T | undefined> {
  let settled: { readonly value: T } | undefined
  void awaited.then((value) => {
    settled = { value }
  })
  for (let passed = 0; settled === undefined && passed < 6 * deadlines.others; passed += PAUSE_MS) {
    await scene.pass(PAUSE_MS)
  }
  return settled?.value
}

export async function endOf(scene: Scene, kind: CallKind, timeoutMs: number): Promise<Ending> {
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

/** Lets time pass until nothing of a call is left: where the line is dead, the server has the deadline to know by. */
export async function settleLeft(scene: Scene, timeoutMs: number): Promise<string[]> {
  for (let passed = 0; sum(scene.left()) > 0 && passed <= timeoutMs; passed += PAUSE_MS) await scene.pass(PAUSE_MS)
  return leftovers("the call", scene.left())
}

export function leftovers(after: string, left: Record<string, number>): string[] {
  return Object.entries(left).flatMap(([what, count]) => (count === 0 ? [] : [`after ${after}: ${count} ${what}`]))
}

function sum(left: Record<string, number>): number {
  return Object.values(left).reduce((total, count) => total + count, 0)
}
