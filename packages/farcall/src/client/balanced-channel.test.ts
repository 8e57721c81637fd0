import assert from "node:assert/strict"
import { test } from "node:test"
import type { Resolver, ResolverListener } from "../resolve/resolver.js"
import { parseTarget } from "../resolve/target.js"
import { type ChannelScene, channelScene } from "../test-support/channel-scene.js"
import { type ScriptedAttempt, ScriptedCall, ScriptedConnect } from "../test-support/scripted-connect.js"
import { settled } from "../test-support/settled.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { insecure } from "../transport/credentials.js"
import { createChannelWith } from "./balanced-channel.js"
import type { ChannelOptions } from "./channel-options.js"

const A = "ipv4:127.0.0.1:1"
const B = "ipv4:127.0.0.1:2"
const both = "ipv4:127.0.0.1:1,127.0.0.1:2"

const setUp = (target: string = A, options: ChannelOptions = {}): ChannelScene => channelScene(target, options)

const refuse = (attempt: ScriptedAttempt): void => attempt.refuse()

test("a channel connects when its first call starts, and not before", async () => {
  const { net, channel, start, clock } = setUp()
  await clock.advance(10_000)
  assert.equal(channel.state, "IDLE")
  assert.equal(net.attempts.length, 0)
  assert.equal(channel.describeWait(), `waiting for a connection to ${A}: nothing has asked for one yet`)
  const call = start()
  assert.equal(channel.state, "CONNECTING")
  assert.deepEqual(net.peers, [A])
  assert.equal(net.last.context.authority, "127.0.0.1:1")
  assert.equal(call.state, "waiting")
  net.last.succeed()
  await settled()
  assert.equal(channel.state, "READY")
  assert.equal(call.state, A)
  assert.equal(start().state, A, "a ready channel places a call before start returns")
  assert.equal(net.attempts.length, 1)
})

test("connect() connects without a call", async () => {
  const { net, channel } = setUp()
  channel.connect()
  channel.connect()
  net.last.succeed()
  await settled()
  assert.equal(channel.state, "READY")
  channel.connect()
  assert.equal(net.attempts.length, 1)
})

test("the authority is the target's, or the option's", () => {
  assert.equal(setUp("dns:///localhost:5").channel.authority, "localhost:5")
  assert.equal(setUp("unix:/run/x").channel.authority, "localhost")
  assert.equal(setUp("unix:/run/x", { authority: "example.com" }).channel.authority, "example.com")
})

test("a call started while an attempt runs waits for its end and fails with it", async () => {
  const { net, start, channel, clock } = setUp()
  const first = start()
  await clock.advance(300)
  const second = start()
  assert.equal(channel.describeWait(), `waiting for a connection to ${A}: connecting to ${A}`)
  net.last.refuse()
  await settled()
  for (const { error } of [first, second]) {
    assert.equal(error?.code, "UNAVAILABLE")
    assert.equal(
      error.message,
      `no connection to ${A}: connect ECONNREFUSED 127.0.0.1:1 (next attempt in 0.70 s)`,
      "the backoff is counted from the start of the attempt",
    )
    assert.equal((error.cause as { code?: string }).code, "ECONNREFUSED")
  }
  assert.equal(channel.state, "TRANSIENT_FAILURE")
})

test("every address is tried, in order, and an error names each with its error", async () => {
  const { net, start, clock } = setUp("ipv4:127.0.0.1:1,127.0.0.1:2,127.0.0.1:3,127.0.0.1:2")
  const call = start()
  net.last.fail(new Error("no SETTINGS came"))
  await settled()
  assert.deepEqual(net.peers, [A, B])
  net.last.refuse()
  await settled()
  assert.equal(net.attempts.length, 3, "an address given twice is tried once")
  await clock.advance(20_000)
  assert.ok(net.attempts[2]!.aborted, "an attempt gets 20 s")
  assert.deepEqual(net.peers.slice(3, 5), [A, B], "those tried first have had their backoff")
  assert.match(
    call.error!.message,
    /: ipv4:127.0.0.1:1: no SETTINGS came; connect ECONNREFUSED 127.0.0.1:2; connect ipv4:127.0.0.1:3: no connection within 20000 ms \(the next attempt is under way\)$/,
  )
  assert.equal((call.error!.cause as Error).message, "connect ipv4:127.0.0.1:3: no connection within 20000 ms")
})

test("pick_first stays with the first address that connects", async () => {
  const { net, start, channel, clock } = setUp(both)
  const call = start()
  net.last.refuse()
  await settled()
  assert.match(channel.describeWait(), /connecting to ipv4:127.0.0.1:2, after connect ECONNREFUSED 127.0.0.1:1$/)
  net.last.succeed()
  await settled()
  assert.equal(call.state, B)
  assert.deepEqual([start().state, start().state], [B, B])
  await clock.advance(60_000)
  assert.deepEqual(net.peers, [A, B], "the address that failed is given up")
})

test("in TRANSIENT_FAILURE a call fails at once, unless it waits for ready", async () => {
  const { net, start, channel, clock } = setUp()
  start()
  net.last.refuse()
  await clock.advance(250)
  const failed = start()
  assert.match(failed.error!.message, /connect ECONNREFUSED 127.0.0.1:1 \(next attempt in 0.75 s\)$/)
  const waiting = start(true)
  assert.equal(waiting.state, "waiting")
  assert.equal(
    channel.describeWait(),
    `waiting for a connection to ${A}: connect ECONNREFUSED 127.0.0.1:1 (next attempt in 0.75 s)`,
  )
  assert.equal(net.attempts.length, 1)
  await clock.advance(750)
  assert.equal(net.attempts.length, 2)
  assert.match(start().error!.message, /\(the next attempt is under way\)$/)
  net.last.refuse()
  await settled()
  assert.equal(waiting.state, "waiting", "it waits through failures")
  await clock.advance(1_600)
  net.last.succeed()
  await settled()
  assert.equal(waiting.state, A)
  assert.equal(start().state, A)
})

test("a server that was down and comes up is found after the backoff", async () => {
  const { net, start, clock } = setUp()
  net.onAttempt = refuse
  const call = start()
  await settled()
  assert.equal(call.state, "UNAVAILABLE")
  net.onAttempt = (attempt) => void attempt.succeed()
  await clock.advance(1_000)
  assert.equal(start().state, A)
})

test("attempts follow the backoff, counted from their start, and begun anew after a connection", async () => {
  const { net, start, clock } = setUp()
  const starts: number[] = []
  net.onAttempt = (attempt) => {
    starts.push(clock.now())
    attempt.refuse()
  }
  start()
  await clock.advance(9_300)
  assert.deepEqual(starts, [0, 1_000, 2_600, 5_160, 9_256])
  net.onAttempt = (attempt) => {
    starts.push(clock.now())
    const transport = attempt.succeed()
    net.onAttempt = undefined
    setImmediate(() => transport.lose())
  }
  await clock.advance(8_000)
  assert.equal(starts.length, 6)
  starts.length = 0
  net.onAttempt = (attempt) => {
    starts.push(clock.now())
    attempt.refuse()
  }
  start()
  await settled()
  const from = clock.now()
  await clock.advance(1_000)
  assert.deepEqual(starts, [from, from + 1_000], "a call connects at once, and the first backoff is 1 s again")
})

test("41. a connection without the server's SETTINGS does not reset the backoff", async () => {
  const { net, start, clock } = setUp()
  const starts: number[] = []
  net.onAttempt = (attempt) => {
    starts.push(clock.now())
    attempt.fail(new Error("the server closed the connection before its SETTINGS"))
  }
  start()
  await clock.advance(5_000)
  assert.deepEqual(starts, [0, 1_000, 2_600])
})

test("a connection that is lost leaves the channel IDLE, and the next call connects at once", async () => {
  const { net, start, channel } = setUp()
  start()
  const transport = net.last.succeed()
  await settled()
  transport.lose()
  assert.equal(channel.state, "IDLE")
  await settled()
  assert.equal(net.attempts.length, 1, "nobody needs a connection")
  const call = start()
  assert.equal(net.attempts.length, 2)
  assert.equal(
    channel.describeWait(),
    `waiting for a connection to ${A}: connecting to ${A}, after a connection that ended (${A}: read ECONNRESET)`,
  )
  net.last.succeed()
  await settled()
  assert.equal(call.state, A)
})

test("a connection whose server says GOAWAY gets no more calls, and is not cut off", async () => {
  const { net, start, channel } = setUp()
  start()
  const transport = net.last.succeed()
  await settled()
  transport.goAway()
  assert.equal(channel.state, "IDLE")
  assert.equal(transport.closed, undefined)
  const call = start()
  const second = net.last.succeed()
  await settled()
  assert.equal(call.state, A)
  transport.lose()
  assert.equal(channel.state, "READY", "the old connection's end does not touch the new one")
  assert.equal(second.closed, undefined)
})

test("a connection that ends before it is used is a failed attempt", async () => {
  for (const end of ["goAway", "lose"] as const) {
    const { net, start, channel } = setUp()
    const call = start()
    const transport = net.last.succeed()
    transport[end]()
    await settled()
    assert.equal(call.state, "UNAVAILABLE", end)
    assert.match(call.error!.message, end === "lose" ? /read ECONNRESET/ : /GOAWAY/)
    assert.equal(channel.state, "TRANSIENT_FAILURE")
    assert.notEqual(transport.closed, undefined)
  }
})

test("a call that waits when the connection is lost moves to the next one", async () => {
  const { net, start } = setUp()
  const waiting = start()
  const transport = net.last.succeed(0)
  await settled()
  assert.equal(waiting.state, "waiting")
  transport.lose()
  assert.equal(net.attempts.length, 2, "it is a reason to connect")
  net.last.succeed()
  await settled()
  assert.equal(waiting.state, A)
})

test("47. calls above the limit of streams wait in order for room", async () => {
  const { net, start, channel } = setUp()
  const calls = [start(), start(), start(), start(), start()]
  const transport = net.last.succeed(1)
  await settled()
  const states = (): string[] => calls.map(({ state }) => (state === A ? "begun" : state))
  assert.deepEqual(states(), ["begun", "waiting", "waiting", "waiting", "waiting"])
  assert.equal(channel.describeWait(), `waiting for room on ${A}: ${A} allows no more streams at once`)
  transport.capacity = 1
  calls.push(start())
  assert.equal(calls[5]!.state, "waiting", "a call does not overtake those that wait")
  channel.withdraw(calls[2]!)
  transport.free(1)
  assert.deepEqual(states(), ["begun", "begun", "waiting", "begun", "waiting", "waiting"])
  channel.withdraw(calls[2]!)
  transport.free(10)
  assert.deepEqual(states(), ["begun", "begun", "waiting", "begun", "begun", "begun"])
  assert.equal(start().state, A)
})

test("a call that starts another as it begins or fails", async () => {
  const { net, channel } = setUp()
  const order: string[] = []
  const nested = new ScriptedCall(false, () => order.push("nested"))
  const outer = new ScriptedCall(false, () => {
    order.push("outer")
    channel.start(nested)
    channel.withdraw(outer)
  })
  const last = new ScriptedCall(false, () => order.push("last"))
  channel.start(outer)
  channel.start(last)
  const transport = net.last.succeed(2)
  await settled()
  assert.deepEqual(order, ["outer", "last"])
  transport.free(1)
  assert.deepEqual(order, ["outer", "last", "nested"])
  const failing = new ScriptedCall(false, () => channel.start(after))
  const after = new ScriptedCall()
  transport.lose()
  channel.start(failing)
  net.last.refuse()
  await settled()
  assert.deepEqual([failing.state, after.state], ["UNAVAILABLE", "UNAVAILABLE"])
})

test("news of room that comes while a call is placed", async () => {
  const { net, channel } = setUp()
  const calls = [1, 2, 3].map(() => new ScriptedCall(false, () => transport.free(1)))
  for (const call of calls) channel.start(call)
  const transport = net.last.succeed(1)
  await settled()
  assert.deepEqual(
    calls.map(({ state }) => state),
    [A, A, A],
  )
})

test("the queue is bounded", async () => {
  const { net, start, channel } = setUp(A, { maxQueuedCalls: 2 })
  const waiting = [start(), start()]
  const refused = start()
  assert.equal(refused.error?.code, "RESOURCE_EXHAUSTED")
  assert.equal(
    refused.error.message,
    `2 calls are waiting for a connection to ${A}: connecting to ${A}; the limit is 2 (maxQueuedCalls)`,
  )
  channel.withdraw(waiting[0]!)
  assert.equal(start().state, "waiting")
  net.last.succeed()
  await settled()
  assert.deepEqual([waiting[0]!.state, waiting[1]!.state], ["waiting", A])
})

test("any of 100,000 calls leaves the queue at the price of the first", () => {
  const { start, channel } = setUp()
  const calls = Array.from({ length: 100_000 }, () => start())
  assert.equal(start().error?.code, "RESOURCE_EXHAUSTED")
  for (let i = calls.length - 1; i >= 0; i -= 2) channel.withdraw(calls[i]!)
  for (const call of calls) channel.withdraw(call)
  assert.equal(start().state, "waiting")
})

test("round_robin connects to every address, and gives each the calls in turn", async () => {
  const { net, start, channel } = setUp(both, { balancing: "round_robin" })
  const first = start()
  assert.deepEqual(net.peers, [A, B])
  const a = net.attempts[0]!.succeed()
  await settled()
  assert.equal(first.state, A)
  assert.equal(start().state, A)
  const b = net.attempts[1]!.succeed(1)
  await settled()
  assert.deepEqual([start().state, start().state].sort(), [A, B])
  assert.deepEqual([start().state, start().state], [A, A], "one that is full is passed over")
  a.capacity = 0
  const waiting = start()
  assert.equal(channel.describeWait(), `waiting for room on ${both}: ${A}, ${B} allow no more streams at once`)
  b.free(1)
  assert.equal(waiting.state, B)
})

test("round_robin makes a lost connection again at once, and meanwhile uses the others", async () => {
  const { net, start, channel, clock } = setUp(both, { balancing: "round_robin" })
  start()
  const a = net.attempts[0]!.succeed()
  net.attempts[1]!.succeed()
  await settled()
  a.lose()
  assert.equal(channel.state, "READY")
  assert.deepEqual(net.peers, [A, B, A])
  assert.deepEqual([start().state, start().state], [B, B])
  net.last.refuse()
  await clock.advance(1_000)
  assert.equal(net.attempts.length, 4)
  net.last.succeed()
  await settled()
  assert.deepEqual([start().state, start().state].sort(), [A, B])
})

test("round_robin begins the backoff anew after a connection", async () => {
  const { net, start, channel, clock } = setUp(A, { balancing: "round_robin" })
  net.onAttempt = refuse
  start()
  await clock.advance(2_600)
  assert.equal(net.attempts.length, 3)
  net.onAttempt = undefined
  await clock.advance(2_560)
  const transport = net.last.succeed()
  await settled()
  transport.lose()
  assert.equal(channel.state, "CONNECTING", "it has not failed since")
  net.last.refuse()
  await clock.advance(999)
  assert.equal(net.attempts.length, 5)
  await clock.advance(1)
  assert.equal(net.attempts.length, 6)
})

test("round_robin fails calls when every address has failed", async () => {
  const { net, start, channel, clock } = setUp(both, { balancing: "round_robin" })
  const call = start()
  net.attempts[0]!.refuse()
  await settled()
  assert.equal(channel.state, "CONNECTING")
  assert.equal(
    channel.describeWait(),
    `waiting for a connection to ${both}: connecting to ${B}, after connect ECONNREFUSED 127.0.0.1:1`,
  )
  net.attempts[1]!.refuse()
  await settled()
  assert.equal(channel.state, "TRANSIENT_FAILURE")
  assert.equal(
    call.error?.message,
    `no connection to ${both}: connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED 127.0.0.1:2 (next attempt in 1.00 s)`,
  )
  await clock.advance(1_000)
  assert.equal(net.attempts.length, 4)
  assert.equal(channel.state, "TRANSIENT_FAILURE", "until one connects")
  net.last.succeed()
  await settled()
  assert.equal(start().state, B)
})

interface ResolverScene extends ChannelScene {
  /** The addresses that the resolver finds next, by their ports. */
  found(...ports: number[]): void
  listener(): ResolverListener
  /** How often it was asked for addresses. */
  asked(): number
  /** How often it was closed. */
  closed(): number
}

/** A channel whose resolver is the test. */
function setUpResolver(balancing: "pick_first" | "round_robin"): ResolverScene {
  const clock = virtualClock()
  const net = new ScriptedConnect()
  let listener!: ResolverListener
  let asked = 0
  let closed = 0
  const name = {
    authority: "x",
    local: true,
    open: (given: ResolverListener) => {
      listener = given
      return { resolve: () => void asked++, describe: () => "looking up x", close: () => void closed++ }
    },
  }
  const channel = createChannelWith("test:x", { name, connect: net.connect, random: () => 0.5 }, { clock, balancing })
  const start = (waitForReady = false): ScriptedCall => {
    const call = new ScriptedCall(waitForReady)
    channel.start(call)
    return call
  }
  const found = (...ports: number[]): void =>
    listener.onAddresses(ports.map((port) => ({ kind: "tcp", host: "127.0.0.1", port })))
  return { clock, net, channel, start, found, listener: () => listener, asked: () => asked, closed: () => closed }
}

for (const balancing of ["pick_first", "round_robin"] as const) {
  test(`${balancing}: a name that cannot be resolved fails calls, until it can`, async () => {
    const { net, channel, start, found, listener, asked } = setUpResolver(balancing)
    const call = start()
    assert.equal(asked(), 1)
    assert.equal(channel.state, "CONNECTING")
    assert.equal(channel.describeWait(), "waiting for a connection to test:x: looking up x")
    const error = new Error("getaddrinfo ENOTFOUND x")
    listener().onError(error, 1_000)
    assert.equal(channel.state, "TRANSIENT_FAILURE")
    assert.equal(call.error?.code, "UNAVAILABLE")
    assert.equal(call.error.message, "no connection to test:x: getaddrinfo ENOTFOUND x (next attempt in 1.00 s)")
    assert.equal(call.error.cause, error)
    const waiting = start(true)
    found(1)
    assert.equal(channel.state, "CONNECTING")
    net.last.succeed()
    await settled()
    assert.equal(waiting.state, A)
    listener().onError(error, 1_000)
    assert.equal(start().state, A, "with a connection there is no need of addresses")
  })

  test(`${balancing}: new addresses replace the old ones, and a connection that stays among them is kept`, async () => {
    const { net, channel, start, found } = setUpResolver(balancing)
    start()
    found(1)
    const a = net.last.succeed()
    await settled()
    found(2, 1)
    assert.equal(a.accepting, true)
    assert.equal(start().state, A)
    found(2)
    assert.equal(a.draining, true, "its calls run on")
    assert.equal(a.closed, undefined)
    const call = start()
    assert.equal(call.state, "waiting")
    assert.equal(net.last.peer, B)
    net.last.succeed()
    await settled()
    assert.equal(call.state, B)
    assert.equal(channel.state, "READY")
  })

  test(`${balancing}: an attempt at an address that is gone is aborted`, async () => {
    const { net, start, found } = setUpResolver(balancing)
    const call = start()
    found(1)
    found(2)
    assert.ok(net.attempts[0]!.aborted)
    assert.deepEqual(net.peers, [A, B])
    net.last.succeed()
    await settled()
    assert.equal(call.state, B)
  })

  test(`${balancing}: asks for addresses again when a connection is lost, and when all have failed`, async () => {
    const { net, start, found, asked } = setUpResolver(balancing)
    start()
    found(1)
    const a = net.last.succeed()
    await settled()
    assert.equal(asked(), 1)
    a.lose()
    assert.equal(asked(), 2)
    start()
    net.last.refuse()
    await settled()
    assert.equal(asked(), 3)
  })
}

for (const balancing of ["pick_first", "round_robin"] as const) {
  test(`${balancing}: a resolver that answers each time at once changes nothing of the backoff`, async () => {
    const clock = virtualClock()
    const net = new ScriptedConnect()
    net.onAttempt = refuse
    const addresses = [1, 2].map((port) => ({ kind: "tcp", host: "127.0.0.1", port }) as const)
    const open = (listener: ResolverListener): Resolver => ({
      resolve: () => listener.onAddresses(addresses),
      describe: () => "looking up x",
      close: () => {},
    })
    const name = { authority: "x", local: true, open }
    const channel = createChannelWith("test:x", { name, connect: net.connect, random: () => 0.5 }, { clock, balancing })
    const call = new ScriptedCall()
    channel.start(call)
    await clock.advance(999)
    assert.equal(call.state, "UNAVAILABLE")
    assert.deepEqual(net.peers, [A, B])
    await clock.advance(1)
    assert.equal(net.attempts.length, 4)
    await channel.close()
  })
}

test("pick_first: addresses that come while all have failed are tried at once, and failure is sticky", async () => {
  const { net, channel, start, found } = setUpResolver("pick_first")
  start()
  found(1)
  net.last.refuse()
  await settled()
  found(1, 2)
  assert.deepEqual(net.peers, [A, B], "the first is in its backoff")
  assert.equal(channel.state, "TRANSIENT_FAILURE")
  assert.equal(start().state, "UNAVAILABLE")
  net.last.succeed()
  await settled()
  assert.equal(start().state, B)
})

test("round_robin: the failure of an address that is gone counts no more", async () => {
  const { net, channel, start, found } = setUpResolver("round_robin")
  start()
  found(1)
  net.last.refuse()
  await settled()
  assert.equal(channel.state, "TRANSIENT_FAILURE")
  found(2)
  assert.equal(channel.state, "CONNECTING")
  assert.equal(channel.describeWait(), `waiting for a connection to test:x: connecting to ${B}`)
})

test("an address that connects late, after its channel has moved on, is closed", async () => {
  const { net, start, found } = setUpResolver("pick_first")
  start()
  found(1)
  const late = net.last.succeed()
  found(2)
  await settled()
  assert.match(late.closed ?? "", /nobody waits/)
})

test("a channel without calls for 30 minutes gives its connection up, and connects again for the next call", async () => {
  const minute = 60_000
  const { net, channel, start, clock } = setUp()
  start()
  const transport = net.last.succeed()
  await clock.advance(29 * minute)
  start()
  await clock.advance(29 * minute)
  assert.equal(channel.state, "READY", "the last call is 29 minutes ago")
  await clock.advance(9 * minute)
  assert.equal(channel.state, "IDLE")
  assert.equal(transport.draining, true)
  assert.equal(transport.closed, undefined, "calls that run go on")
  assert.equal(clock.pending, 0)
  const call = start()
  net.last.succeed()
  await settled()
  assert.equal(call.state, A)
  assert.equal(net.attempts.length, 2)
})

test("a call that waits keeps the channel from going idle, and so does an infinite timeout", async () => {
  const { net, channel, start, clock } = setUp(A, { idleTimeoutMs: 1_000 })
  net.onAttempt = refuse
  const waiting = start(true)
  await clock.advance(10_000)
  assert.equal(channel.state, "TRANSIENT_FAILURE")
  assert.equal(net.attempts.length, 5, "the backoff was not begun anew")
  channel.withdraw(waiting)
  await clock.advance(1_500)
  assert.equal(channel.state, "IDLE")
  const never = setUp(A, { idleTimeoutMs: Number.POSITIVE_INFINITY })
  never.start()
  never.net.last.succeed()
  await never.clock.advance(1e9)
  assert.equal(never.channel.state, "READY")
})

test("close() ends what waits, what connects and what is open, and resolves when all is gone", async () => {
  const { net, channel, start, clock } = setUp(both, { balancing: "round_robin" })
  start()
  const transport = net.attempts[0]!.succeed(1)
  await settled()
  const waiting = start(true)
  let done = false
  const closed = channel.close().then(() => (done = true))
  assert.equal(channel.state, "SHUTDOWN")
  assert.equal(waiting.error?.code, "CANCELLED")
  assert.equal(
    waiting.error.message,
    `the channel was closed while the call was waiting for room on ${both}: ${A} allow no more streams at once`,
  )
  assert.ok(net.attempts[1]!.aborted)
  assert.equal(transport.closed, `the channel to ${both} was closed`)
  await Promise.resolve()
  assert.equal(done, false, "the connection has not said that it is closed")
  await closed
  assert.equal(clock.pending, 0)
  const late = start(true)
  assert.equal(late.error?.code, "UNAVAILABLE")
  assert.equal(late.error.message, `the channel to ${both} is closed`)
  channel.connect()
  await channel.close()
  await channel[Symbol.asyncDispose]()
  assert.equal(channel.state, "SHUTDOWN")
  assert.equal(net.attempts.length, 2)
})

test("close() in every other state", async () => {
  const idle = setUp()
  await idle.channel.close()
  assert.equal(idle.start().state, "UNAVAILABLE")
  const failing = setUp()
  failing.net.onAttempt = refuse
  failing.start()
  await settled()
  await failing.channel.close()
  assert.equal(failing.clock.pending, 0)
  const resolving = setUpResolver("pick_first")
  const call = resolving.start()
  await resolving.channel.close()
  assert.equal(call.state, "CANCELLED")
  assert.equal(resolving.closed(), 1)
  resolving.found(1)
  assert.equal(resolving.net.attempts.length, 0)
  const connecting = setUp()
  connecting.start()
  const late = connecting.net.last.succeed()
  await connecting.channel.close()
  await settled()
  assert.match(late.closed ?? "", /nobody waits/)
})

test("close() waits for connections that were draining", async () => {
  const { net, channel, start } = setUp()
  start()
  const transport = net.last.succeed()
  await settled()
  transport.goAway()
  const closed = channel.close()
  assert.notEqual(transport.closed, undefined)
  await closed
})

test("close() from within a call that it fails", async () => {
  const { channel } = setUp()
  let again: Promise<void> | undefined
  channel.start(new ScriptedCall(false, () => (again = channel.close())))
  const closed = channel.close()
  assert.equal(again, closed)
  await closed
})

test("close() from within a call that fails while addresses are still tried", async () => {
  const { net, channel, clock } = setUp(both)
  channel.start(new ScriptedCall(false, () => void channel.close()))
  net.last.refuse()
  await clock.advance(20_000)
  assert.equal(channel.state, "SHUTDOWN")
  assert.equal(clock.pending, 0)
  await clock.advance(60_000)
  assert.deepEqual(net.peers, [A, B, A])
  assert.ok(net.last.aborted)
})

test("a connect function that throws, or rejects with no error, is a failed attempt", async () => {
  const clock = virtualClock()
  for (const connect of [
    () => {
      throw new Error("broken")
    },
    () => Promise.reject("broken"),
  ]) {
    const channel = createChannelWith(A, { name: parseTarget(A), connect }, { clock })
    const call = new ScriptedCall()
    channel.start(call)
    await settled()
    assert.match(call.error?.message ?? "", /: ipv4:127.0.0.1:1: broken \(next attempt/)
    await channel.close()
  }
})

test("plaintext that leaves the machine must be said, and options make sense", () => {
  assert.throws(() => setUp("example.com:5"), {
    name: "TypeError",
    message: /"example.com:5" goes beyond this machine/,
  })
  setUp("example.com:5", { credentials: insecure() })
  assert.throws(() => setUp(A, { balancing: "random" as "pick_first" }), {
    name: "TypeError",
    message: 'createChannel: balancing is "random", and must be pick_first or round_robin',
  })
  assert.throws(() => setUp(A, { maxQueuedCalls: 0 }), { name: "RangeError", message: /maxQueuedCalls is 0/ })
  assert.throws(() => setUp(A, { idleTimeoutMs: Number.NaN }), RangeError)
  assert.throws(() => setUp(A, { connectTimeoutMs: "1" as unknown as number }), TypeError)
  assert.throws(() => setUp(A, { backoff: { multiplier: 0 } }), /backoff.multiplier is 0/)
})
