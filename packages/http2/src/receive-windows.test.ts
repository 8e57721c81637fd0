import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { InboundWindow } from "./flow-control.js"
import { type Limits, resolveLimits } from "./limits.js"
import { ReceiveWindows } from "./receive-windows.js"

const streamWindow = 100_000
const limits = { streamWindow, connectionWindow: 200_000, maxStreamWindow: 1_000_000, maxConnectionWindow: 1_500_000 }

function windowsOf(changes: Partial<Limits> = {}): ReceiveWindows {
  return new ReceiveWindows(resolveLimits({ ...limits, ...changes }))
}

/** The path is found to hold `product` bytes. Returns what the connection's window grows by. */
function measure(windows: ReceiveWindows, product: number): number {
  windows.estimate.product = product
  return windows.adapt()
}

/** A stream's window, of which `length` bytes have come. */
function received(length: number, size = streamWindow): InboundWindow {
  const window = new InboundWindow(size)
  window.receive(length)
  return window
}

describe("before anything is known of the path", () => {
  it("windows are as the limits say, and credit is given as it is released", () => {
    const windows = windowsOf()
    assert.equal(windows.connection.size, 200_000)
    assert.equal(windows.adapt(), 0)
    assert.equal(windowsOf({ connectionWindow: 70_000 }).adapt(), 0)
    const window = received(60_000)
    assert.equal(windows.release(window, 49_999), 0)
    assert.equal(windows.release(window, 1), 50_000)
    assert.equal(window.size, streamWindow)
  })

  it("the first PING goes out with half a window of DATA, and not below 64 KiB", () => {
    assert.equal(windowsOf().estimate.received(64 * 1024 - 1), false)
    assert.equal(windowsOf().estimate.received(64 * 1024), true)
    assert.equal(windowsOf({ streamWindow: 400_000 }).estimate.received(199_999), false)
    assert.equal(windowsOf({ streamWindow: 400_000 }).estimate.received(200_000), true)
  })
})

describe("the connection's window", () => {
  it("grows at once to twice what a stream wants: two products and a first window", () => {
    const windows = windowsOf()
    assert.equal(measure(windows, 150_000), 2 * (2 * 150_000 + streamWindow) - 200_000)
    assert.equal(windows.connection.size, 800_000)
    assert.equal(windows.connection.available, 800_000)
  })

  it("does not pass its bound, nor become smaller", () => {
    const windows = windowsOf()
    assert.equal(measure(windows, 10_000_000), 1_500_000 - 200_000)
    assert.equal(measure(windows, 1000), 0)
    assert.equal(windows.connection.size, 1_500_000)
  })
})

describe("windows may grow", () => {
  it("until both the connection's and a stream's are what they may be", () => {
    const windows = windowsOf()
    assert.equal(windows.mayGrow, true)
    measure(windows, 400_000)
    assert.equal(windows.connection.size, 1_500_000)
    assert.equal(windows.mayGrow, true, "a stream's is 900,000")
    measure(windows, 450_000)
    assert.equal(windows.mayGrow, false)
  })

  it("also where only the connection's may", () => {
    const windows = windowsOf({ maxStreamWindow: 0 })
    assert.equal(windows.mayGrow, true)
    measure(windows, 10_000_000)
    assert.equal(windows.mayGrow, false)
    assert.equal(windowsOf({ maxStreamWindow: 0, maxConnectionWindow: 0 }).mayGrow, false)
  })
})

describe("a stream's window", () => {
  /** A path that wants windows of 500,000 bytes. */
  const measured = (changes?: Partial<Limits>): ReceiveWindows => {
    const windows = windowsOf(changes)
    measure(windows, 200_000)
    return windows
  }

  it("grows when its reader takes DATA and had no more than half of the first window before it", () => {
    const windows = measured()
    const window = received(50_000)
    assert.equal(windows.release(window, 50_000), 50_000 + 400_000)
    assert.equal(window.size, 500_000)
    assert.equal(window.available, 500_000)
    const slow = received(50_001)
    assert.equal(windows.release(slow, 50_001), 50_001)
    assert.equal(slow.size, streamWindow)
  })

  it("grows with what is released, even if that alone would not be announced", () => {
    const windows = measured()
    const window = received(10)
    assert.equal(windows.release(window, 10), 400_000)
    assert.deepEqual([window.size, window.available, window.held], [500_000, 499_990, 0])
  })

  it("grows by half of the first window at least, or not at all", () => {
    const windows = measured()
    const window = received(10)
    windows.release(window, 10)
    measure(windows, 224_999)
    window.receive(10)
    assert.equal(windows.release(window, 10), 0)
    measure(windows, 225_000)
    window.receive(10)
    assert.equal(windows.release(window, 10), 50_000)
    assert.equal(window.size, 550_000)
  })

  it("does not grow while credit is lent for one large message", () => {
    const windows = measured()
    const window = received(10)
    window.expect(300_000)
    windows.release(window, 10)
    assert.equal(window.size, streamWindow)
  })

  it("does not pass its bound, nor does the target fall again", () => {
    const windows = windowsOf()
    measure(windows, 10_000_000)
    measure(windows, 1000)
    const window = received(10)
    windows.release(window, 10)
    assert.equal(window.size, 1_000_000)
  })

  it("is given back while its reader has more before it than the first window", () => {
    const windows = measured()
    const window = received(0)
    windows.release(window, 0)
    window.receive(300_000)
    assert.equal(windows.release(window, 150_000), 0, "what is taken gives no credit")
    assert.equal(window.size, 350_000)
    assert.equal(windows.release(window, 50_000), 0)
    assert.equal(window.size, 300_000)
    assert.equal(window.held, 100_000)
    assert.equal(windows.release(window, 50_000), 50_000, "no more than the first is before it")
  })

  it("is not given back below the first window: the rest is credit", () => {
    const windows = windowsOf({ streamWindow: 100_000 })
    measure(windows, 30_000)
    const window = received(0)
    windows.release(window, 0)
    assert.equal(window.size, 160_000)
    window.receive(150_000)
    assert.equal(windows.release(window, 140_000), 80_000)
    assert.equal(window.size, streamWindow)
    assert.equal(window.held, 10_000)
  })

  it("that never grew gives credit for what is taken, however much is before it", () => {
    const windows = measured()
    const window = received(0)
    window.expect(300_000)
    window.receive(300_000)
    assert.equal(windows.release(window, 200_000), 0, "pays back what was lent")
    assert.equal(window.size, streamWindow)
    assert.equal(windows.release(window, 100_000), 100_000)
  })
})

describe("all streams together", () => {
  const grow = (windows: ReceiveWindows): InboundWindow => {
    const window = received(10)
    windows.release(window, 10)
    return window
  }

  it("grow by no more than the connection's window may be; what one gives up or closes with is free again", () => {
    const windows = windowsOf()
    measure(windows, 350_000)
    const [first, second, third] = [grow(windows), grow(windows), grow(windows)]
    assert.deepEqual([first.size, second.size, third.size], [800_000, 800_000, 200_000])
    assert.equal(grow(windows).size, streamWindow, "nothing is left")
    windows.forget(second)
    assert.equal(grow(windows).size, 800_000)
    assert.equal(grow(windows).size, streamWindow)
    first.receive(600_000)
    windows.release(first, 300_000)
    assert.equal(first.size, 500_000)
    assert.equal(grow(windows).size, 400_000)
  })

  it("lose nothing by the end of one that has not grown, or has become smaller than the first", () => {
    const windows = windowsOf()
    measure(windows, 350_000)
    grow(windows)
    windows.forget(received(0))
    windows.forget(received(0, 10))
    assert.deepEqual([grow(windows).size, grow(windows).size], [800_000, 200_000])
  })
})

describe("another initial window", () => {
  it("is what streams grow from, and at least what they may grow to", () => {
    const windows = windowsOf()
    windows.begin(300_000)
    const window = received(150_000, 300_000)
    assert.equal(windows.release(window, 150_000), 150_000)
    assert.equal(window.size, 300_000)
    measure(windows, 100_000)
    window.receive(10)
    windows.release(window, 10)
    assert.equal(window.size, 500_000)
  })

  it("that is smaller leaves what streams may grow to", () => {
    const windows = windowsOf()
    measure(windows, 200_000)
    windows.begin(10_000)
    const window = received(10, 10_000)
    windows.release(window, 10)
    assert.equal(window.size, 500_000)
  })
})
