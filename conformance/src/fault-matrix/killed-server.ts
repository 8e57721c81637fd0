import { fileURLToPath } from "node:url"
import { createChannel, createClient, StatusError } from "farcall"
import { Parrot } from "../../../packages/farcall/dist/test-support/parrot.js"
import { ChildProgram } from "../test-support/child-program.js"

const program = fileURLToPath(new URL("kill-target.js", import.meta.url))
const limitMs = 60_000

/**
 * Kills servers (SIGKILL) in the middle of a call of each kind, so many in all and two at a time. Returns all that was
 * not as it is to be: UNAVAILABLE, with the address and a cause.
 */
export async function killServers(times: number): Promise<string[]> {
  const wrong: string[] = []
  let begun = 0
  const work = async (): Promise<void> => {
    while (begun < times) {
      const number = ++begun
      for (const what of await killOne(number)) wrong.push(`server ${number}: ${what}`)
    }
  }
  await Promise.all([work(), work()])
  return wrong
}

/** @param number moves the moment of the kill from one to the next */
async function killOne(number: number): Promise<string[]> {
  const server = new ChildProgram([process.execPath, program], {}, limitMs)
  await using channel = createChannel(await server.firstLine())
  const client = createClient(Parrot, channel)
  const chat = client.chat()
  const gather = client.gather()
  await Promise.all([chat.write({ text: "a" }), gather.write({ text: "a" })])
  await chat[Symbol.asyncIterator]().next()
  let received = 0
  let reached!: () => void
  const enough = new Promise<void>((resolve) => (reached = resolve))
  const repeating = (async () => {
    for await (const _ of client.repeat({ text: "" })) if (++received === 1 + (number % 7)) reached()
  })()
  const calls = {
    unary: client.say({ text: "" }),
    clientStreaming: gather.response,
    serverStreaming: repeating,
    bidi: (async () => {
      for await (const _ of chat);
    })(),
  }
  const endings = Object.entries(calls).map(async ([kind, call]) => {
    const fault = faultOf(await endingOf(call))
    return fault === undefined ? [] : [`${kind} ${fault}`]
  })
  await Promise.race([enough, repeating])
  await server.kill()
  const wrong = (await Promise.all(endings)).flat()
  if (await chat.write({ text: "late" })) wrong.push("a write after the end says that there is more to come")
  return wrong
}

/** What a call ended with, or that it did not. */
function endingOf(call: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("never ended"), limitMs)
    const settle = (ending: unknown): void => {
      clearTimeout(timer)
      resolve(ending)
    }
    call.then(() => settle("ended OK"), settle)
  })
}

function faultOf(error: unknown): string | undefined {
  if (!(error instanceof StatusError)) return String(error)
  if (error.code !== "UNAVAILABLE") return `ended ${error.code}: ${error.message}`
  if (!/ at ipv4:127\.0\.0\.1:\d+$/.test(error.message)) return `names no address: ${error.message}`
  if (!(error.cause instanceof Error)) return `has no cause: ${error.message}`
  return undefined
}
