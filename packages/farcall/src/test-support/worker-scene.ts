import { BroadcastChannel } from "node:worker_threads"
import type { ServerOptions } from "../server/server.js"
import type { WorkerOptions, WorkerPool } from "../server/workers/worker-pool.js"
import { createTestPair, type TestPair, type TestPairOptions } from "../testing/test-pair.js"
import { until } from "./outcome.js"
import { Parrot } from "./parrot.js"

export const parrotModule: URL = new URL("./parrot-worker.js", import.meta.url)

export interface SceneOptions extends Partial<WorkerOptions> {
  readonly server?: ServerOptions
  readonly transport?: TestPairOptions["transport"]
}

/** Parrots on worker threads, a client, and what the two tell one another beside the calls. */
export class WorkerScene implements AsyncDisposable {
  readonly pair: TestPair<typeof Parrot>
  /** What handlers threw and threads died of. */
  readonly errors: Error[]
  /** What the threads told. */
  readonly told: string[] = []
  private readonly channel = new BroadcastChannel("parrot")

  private constructor(pair: TestPair<typeof Parrot>, errors: Error[]) {
    this.pair = pair
    this.errors = errors
    // A test that fails is to end.
    this.channel.unref()
    this.channel.onmessage = (event: unknown) => {
      this.told.push((event as { data: string }).data)
    }
  }

  static async open({ server, transport, ...workers }: SceneOptions = {}): Promise<WorkerScene> {
    const errors: Error[] = []
    const onHandlerError = (error: unknown): void => void errors.push(error as Error)
    const pair = await createTestPair(Parrot, parrotModule, {
      transport,
      workers: 1,
      ...workers,
      server: { onHandlerError, ...server },
    })
    return new WorkerScene(pair, errors)
  }

  get client(): TestPair<typeof Parrot>["client"] {
    return this.pair.client
  }

  get pool(): WorkerPool {
    return (this.pair.server as unknown as { pools: WorkerPool[] }).pools[0]!
  }

  /** What the first thread that is free answers. */
  async ask(order: string): Promise<string> {
    return (await this.client.say({ text: order })).text
  }

  /** Says a word to the threads that are blocked until then. */
  tell(word: string): void {
    this.channel.postMessage(word)
  }

  /** Waits until the threads have told a word so many times. */
  async heard(word: string, times = 1): Promise<void> {
    await until(() => this.told.filter((one) => one === word).length >= times, `${times} times "${word}"`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.channel.close()
    await this.pair.close()
  }
}
