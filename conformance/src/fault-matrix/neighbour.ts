import { settle } from "./paced-call.js"
import type { Scene } from "./scene.js"

/** A stream that goes on beside the one that a fault strikes, on the same connection. */
export interface Neighbour {
  /** Sends and reads once more, ends, and says what was not as it should be. */
  finish(): Promise<string[]>
}

export async function openNeighbour(scene: Scene): Promise<Neighbour> {
  const call = scene.client.chat()
  const responses = call[Symbol.asyncIterator]()
  const exchange = async (text: string): Promise<string> => {
    await call.write({ text })
    const { value } = await responses.next()
    return value?.text ?? "no response"
  }
  await settle(scene, exchange("before"))
  const rest = async (): Promise<string> => {
    const answer = await exchange("after")
    call.end()
    const { done } = await responses.next()
    return `${answer}, ${done === true ? (await call.status).code : "and more"}`
  }
  return {
    async finish() {
      const ending = await settle(
        scene,
        rest().catch((error: unknown) => String(error)),
      )
      return ending === "after, OK" ? [] : [`the neighbour's rest was: ${ending}`]
    },
  }
}
