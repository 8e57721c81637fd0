import { getEnvironmentData, setEnvironmentData } from "node:worker_threads"
import { type Servicer, StatusError } from "farcall"
import type { Gate } from "../gen/gate_grpc.js"

/** How often the gate has been opened: memory that all threads share. */
export type Latch = Int32Array<SharedArrayBuffer>

/** Makes a latch, for the worker threads that are started after it. */
export function makeLatch(): Latch {
  const memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  setEnvironmentData(latchKey, memory)
  return new Int32Array(memory)
}

/** The latch that this thread was started with. */
export function inheritedLatch(): Latch {
  return new Int32Array(getEnvironmentData(latchKey) as SharedArrayBuffer)
}

const latchKey = "farcall.gate"

/** Handlers that answer, that fail, and that block their thread until another one's handler lets them go. */
export function gateServicer(latch: Latch): Servicer<typeof Gate> {
  return {
    greet({ name }) {
      return { text: `Welcome, ${name}!` }
    },
    stumble() {
      throw new RangeError("a step too many")
    },
    async *wait() {
      for (let opened = Atomics.load(latch, 0), i = 0; i < 2; i++, opened++) {
        yield { text: String(i) }
        // Nothing else runs on this thread meanwhile. The limit is for a test that has gone wrong.
        if (Atomics.wait(latch, 0, opened, 10_000) === "timed-out") throw new StatusError("ABORTED", "nobody opened")
      }
    },
    open() {
      Atomics.add(latch, 0, 1)
      return { text: `let ${Atomics.notify(latch, 0)} go` }
    },
  }
}
