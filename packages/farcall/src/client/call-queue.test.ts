import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { CallQueue } from "./call-queue.js"
import type { ChannelCall } from "./transport.js"

/** A call that is nothing but a place in a queue. */
function call(waitForReady = false): ChannelCall {
  return { waitForReady } as ChannelCall
}

describe("the queue of calls", () => {
  it("is in order of arrival, whoever leaves and however", () => {
    const steps = fc.array(
      fc.oneof(
        fc.constant({ do: "push" as const, at: 0 }),
        fc.record({ do: fc.constant("remove" as const), at: fc.nat() }),
        fc.record({ do: fc.constant("take" as const), at: fc.nat(3) }),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(steps, (all) => {
        const queue = new CallQueue()
        let model: ChannelCall[] = []
        for (const { do: step, at } of all) {
          if (step === "push") {
            const one = call(model.length % 3 === 0)
            queue.push(one)
            model.push(one)
          } else if (step === "remove") {
            const one = model[at % (model.length + 1)] ?? call()
            queue.remove(one)
            model = model.filter((other) => other !== one)
          } else if (at === 0) {
            assert.deepEqual(
              queue.take(({ waitForReady }) => waitForReady),
              model.filter(({ waitForReady }) => waitForReady),
            )
            model = model.filter(({ waitForReady }) => !waitForReady)
          }
          assert.equal(queue.size, model.length)
          assert.equal(queue.first, model[0])
        }
        assert.deepEqual(
          queue.take(() => true),
          model,
        )
        assert.equal(queue.size, 0)
      }),
    )
  })

  it("lets a call that has left wait again, and leaves alone one that waits in another", () => {
    const [queue, other, one] = [new CallQueue(), new CallQueue(), call()]
    queue.push(one)
    queue.remove(one)
    queue.remove(one)
    other.push(one)
    queue.remove(one)
    assert.deepEqual([queue.size, other.first], [0, one])
  })
})
