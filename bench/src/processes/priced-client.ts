import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { createChannel, createClient } from "farcall"
import { answering } from "../measure/asked-process.js"
import { findFeature } from "../prices/find-feature.js"
import { answer, message } from "../workloads/one-call.js"

/** Makes calls for so many milliseconds. */
export type ClientQuestion = number

export interface Slice {
  readonly calls: number
  /** CPU of this process, in microseconds. */
  readonly cpu: number
}

const AT_ONCE = 100

const [name, port] = process.argv.slice(2)
const feature = findFeature(name)
const client = createClient(Echo, createChannel(`127.0.0.1:${port}`, feature.channel), feature.client)
let number = 0

answering<ClientQuestion, Slice>(async (milliseconds) => {
  const before = process.cpuUsage()
  const end = performance.now() + milliseconds
  let calls = 0
  const repeat = async (): Promise<void> => {
    while (performance.now() < end) {
      const { message: heard } = await client.reply({ message }, feature.call?.(number++))
      if (heard !== answer) throw new Error(`the server answered ${JSON.stringify(heard)}`)
      calls++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, repeat))
  const { user, system } = process.cpuUsage(before)
  return { calls, cpu: user + system }
})
