import assert from "node:assert/strict"
import { StatusError } from "../core/status-error.js"

/** The StatusError that a call fails with; anything else fails the test. */
export async function failureOf(call: PromiseLike<unknown>): Promise<StatusError> {
  const error = await call.then(
    (value) => assert.fail(`the call succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof StatusError, `not a StatusError: ${error instanceof Error ? error.stack : String(error)}`)
  return error
}

/** The texts of a stream of messages, to its end. */
export async function textsOf(messages: AsyncIterable<{ readonly text: string }>): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of messages) texts.push(text)
  return texts
}

/** Resolves once `holds` does; fails the test with `what` when it does not within five seconds. */
export async function until(holds: () => boolean, what = "the condition"): Promise<void> {
  const limit = performance.now() + 5_000
  while (!holds()) {
    if (performance.now() > limit) assert.fail(`${what} never held: ${holds}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A promise to be settled from outside, for handlers that wait for the test. */
export class Gate {
  readonly opened: Promise<void>
  open!: () => void

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve
    })
  }
}

/** Runs `body`, and fails when a promise was rejected meanwhile that nobody handled. */
export async function withoutUnhandledRejections(body: () => Promise<void>): Promise<void> {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on("unhandledRejection", note)
  try {
    await body()
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off("unhandledRejection", note)
  }
  assert.deepEqual(unhandled, [])
}
