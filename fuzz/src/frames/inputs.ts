import { Random } from "../random.js"
import { preface, settings, settingsAck } from "../wire/frame.js"
import { type Input, turnsOf } from "./check-input.js"
import { clients, servers } from "./conversations.js"
import { randomFrames } from "./grammar.js"
import { mutate } from "./mutations.js"

/** The input of a seed: frames out of the grammar, or a recorded conversation with some changes. */
export function inputOf(seed: number): Input {
  const random = new Random(seed)
  const role = random.oneIn(2) ? "client" : "server"
  if (random.below(5) < 2) {
    const { bytes, from } = random.pick(role === "server" ? clients : servers)
    return { role, turns: turnsOf(mutate(random, bytes, from), from, random.pick([1, 2, 1000])) }
  }
  const greeting = role === "server" ? [preface, settings()] : [settings()]
  if (!random.oneIn(4)) greeting.push(settingsAck)
  if (random.oneIn(40)) greeting.pop()
  const bytes = Buffer.concat([...greeting, ...randomFrames(random, role)])
  return { role, turns: turnsOf(bytes, role === "server" ? preface.length : 0, random.pick([1, 3, 1000, 1000])) }
}
