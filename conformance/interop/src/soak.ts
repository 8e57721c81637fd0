import { setTimeout } from "node:timers/promises"
import type { ClientFlags } from "./flags.js"

/**
 * Makes the same call again and again, as the flags have it.
 * @param call gets the sizes of request and response
 * @throws Error when more calls failed, or were too slow, than the flags allow, or when their time was up before
 */
export async function soak(
  flags: ClientFlags,
  call: (requestSize: number, responseSize: number) => Promise<void>,
): Promise<void> {
  const { soak_iterations: iterations, soak_num_threads: threads } = flags
  const stopAt = performance.now() + flags.soak_overall_timeout_seconds * 1_000
  const failures: string[] = []
  let done = 0
  const iterate = async (): Promise<void> => {
    try {
      await timed(() => call(flags.soak_request_size, flags.soak_response_size), flags)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
    done++
  }
  const each = Math.floor(iterations / threads)
  const work = async (): Promise<void> => {
    for (let i = 0; i < each && performance.now() < stopAt; i++) {
      await Promise.all([iterate(), setTimeout(flags.soak_min_time_ms_between_rpcs)])
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
  if (failures.length > flags.soak_max_failures) {
    throw new Error(`${failures.length} of ${done} calls failed: ${failures[0]}`)
  }
  if (done < each * threads) throw new Error(`the time was up after ${done} of ${each * threads} calls`)
}

/** @throws Error when the call fails or takes longer than the flags allow */
async function timed(call: () => Promise<void>, flags: ClientFlags): Promise<void> {
  const begun = performance.now()
  await call()
  const took = Math.round(performance.now() - begun)
  const limit = flags.soak_per_iteration_max_acceptable_latency_ms
  if (took > limit) throw new Error(`a call took ${took} ms, the limit is ${limit}`)
}
