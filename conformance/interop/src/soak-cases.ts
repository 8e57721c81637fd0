import { setTimeout } from "node:timers/promises"
import { expectZeros, zeros } from "./expectations.js"
import type { TestServiceClient } from "./gen/grpc/testing/test_grpc.js"
import { type PlayCase, type Stage, testClient } from "./stage.js"

/** The same large call again and again. */
export const soakCases: Readonly<Record<string, PlayCase>> = {
  rpc_soak: (stage) => soak(stage, (call) => call(stage.client)),

  /** Each call over a connection of its own. */
  channel_soak: (stage) =>
    soak(stage, async (call) => {
      await using channel = stage.connect()
      await call(testClient(channel))
    }),
}

/** @throws Error when more calls failed, or were too slow, than the flags allow, or when their time was up before */
async function soak(
  { flags }: Stage,
  withClient: (call: (client: TestServiceClient) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { soak_iterations: iterations, soak_num_threads: threads } = flags
  const stopAt = performance.now() + flags.soak_overall_timeout_seconds * 1_000
  const failures: string[] = []
  let done = 0
  const iterate = async (): Promise<void> => {
    try {
      await withClient((client) => timedCall(client, flags))
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
    done++
  }
  const work = async (): Promise<void> => {
    for (let i = 0; i < Math.floor(iterations / threads) && performance.now() < stopAt; i++) {
      await Promise.all([iterate(), setTimeout(flags.soak_min_time_ms_between_rpcs)])
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
  if (failures.length > flags.soak_max_failures) {
    throw new Error(`${failures.length} of ${iterations} calls failed: ${failures[0]}`)
  }
  const due = Math.floor(iterations / threads) * threads
  if (done < due) throw new Error(`the time was up after ${done} of ${due} calls`)
}

/** @throws Error when it fails or takes longer than the flags allow */
async function timedCall(client: TestServiceClient, flags: Stage["flags"]): Promise<void> {
  const begun = performance.now()
  const { soak_request_size, soak_response_size: responseSize } = flags
  expectZeros((await client.unaryCall({ responseSize, payload: zeros(soak_request_size) })).payload, responseSize)
  const took = Math.round(performance.now() - begun)
  const limit = flags.soak_per_iteration_max_acceptable_latency_ms
  if (took > limit) throw new Error(`a call took ${took} ms, the limit is ${limit}`)
}
