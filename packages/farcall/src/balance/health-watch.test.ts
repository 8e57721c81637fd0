import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type ConnectingChannel, createChannelWith } from "../client/balanced-channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { type Client, createClient } from "../client/client.js"
import type { MessageCodec, ServiceDefinition } from "../core/service.js"
import type { ErrorStatusCode } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { GrpcServer } from "../server/server.js"
import { Parrot } from "../test-support/parrot.js"
import { Watched } from "../test-support/retry-pair.js"
import { serversInMemory, shutDown } from "../test-support/servers-in-memory.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"

/** Bytes as they are: what goes over the wire is looked at as such. */
const Bytes: MessageCodec<Uint8Array> = {
  typeName: "test.Bytes",
  encode(message, sink, position) {
    sink.buffer.set(message, position)
    return position + message.length
  },
  decode: (bytes, start, stop) => bytes.slice(start, stop),
}

const Health = {
  typeName: "grpc.health.v1.Health",
  methods: {
    watch: {
      name: "Watch",
      path: "/grpc.health.v1.Health/Watch",
      kind: "serverStreaming",
      input: Bytes,
      output: Bytes,
    },
  },
} as const satisfies ServiceDefinition

const SERVING = Uint8Array.of(8, 1)
const NOT_SERVING = Uint8Array.of(8, 2)

/** A server whose health a test says. */
class Patient {
  readonly requests: string[] = []
  calls = 0
  readonly server: GrpcServer
  private wake: () => void = () => {}
  private health: (Uint8Array | ErrorStatusCode)[] = []

  constructor(clock: VirtualClock, watched = true) {
    this.server = new GrpcServer({ clock, onHandlerError: () => {} })
    this.server.add(Parrot, {
      say: (request) => {
        this.calls++
        return request
      },
    })
    const patient = this
    if (!watched) return
    this.server.add(Health, {
      async *watch(request: Uint8Array, context) {
        patient.requests.push(Buffer.from(request).toString("latin1"))
        context.signal.addEventListener("abort", () => patient.wake())
        while (!context.cancelled) {
          for (const next of patient.health.splice(0)) {
            if (typeof next === "string") throw new StatusError(next, "as planned")
            yield next
          }
          await new Promise<void>((resolve) => {
            patient.wake = resolve
          })
        }
      },
    })
  }

  say(...health: readonly (Uint8Array | ErrorStatusCode)[]): void {
    this.health.push(...health)
    this.wake()
  }
}

interface Ward extends AsyncDisposable {
  readonly clock: VirtualClock
  readonly channel: ConnectingChannel
  readonly client: Client<typeof Parrot>
  readonly patients: readonly Patient[]
}

const watching: ChannelOptions = {
  serviceConfig: { loadBalancingConfig: [{ round_robin: {} }], healthCheckConfig: { serviceName: "test.Parrot" } },
}

function ward(options: ChannelOptions = watching, watched = true): Ward {
  const clock = virtualClock()
  const patients = [new Patient(clock, watched), new Patient(clock, watched)]
  const servers = patients.map(({ server }) => server)
  const channel = createChannelWith("ward", serversInMemory(servers, clock), { clock, ...options })
  return {
    clock,
    channel,
    client: createClient(Parrot, channel),
    patients,
    async [Symbol.asyncDispose]() {
      await channel.close()
      await shutDown(servers, clock)
    },
  }
}

describe("a server whose health is watched", () => {
  it("gets calls from when it says that it serves, by one stream a connection", async () => {
    await using under = ward()
    const { clock, channel, client, patients } = under
    const call = new Watched(client.say({ text: "a" }))
    await clock.advance(100)
    assert.equal(channel.state, "CONNECTING")
    assert.ok(call.pending, "connected, and nothing has been said")
    patients[1]!.say(SERVING)
    await clock.advance(100)
    assert.equal(channel.state, "READY")
    assert.deepEqual(call.value, { text: "a" })
    assert.deepEqual(
      patients.map(({ requests }) => requests),
      [["\n\vtest.Parrot"], ["\n\vtest.Parrot"]],
    )
    patients[0]!.say(SERVING)
    await clock.advance(1)
    for (let i = 0; i < 4; i++) {
      const more = new Watched(client.say({ text: "b" }))
      await clock.advance(1)
      assert.ok(more.value)
    }
    assert.deepEqual(
      patients.map(({ calls }) => calls),
      [2, 3],
    )
  })

  it("gets none while it says that it does not, on the same connection", async () => {
    await using under = ward()
    const { clock, channel, client, patients } = under
    for (const patient of patients) patient.say(SERVING)
    channel.connect()
    await clock.advance(100)
    patients[0]!.say(NOT_SERVING)
    await clock.advance(1)
    for (let i = 0; i < 4; i++) {
      const call = new Watched(client.say({ text: "b" }))
      await clock.advance(1)
      assert.ok(call.value)
    }
    assert.deepEqual(
      patients.map(({ calls }) => calls),
      [0, 4],
    )
    patients[1]!.say(NOT_SERVING)
    await clock.advance(1)
    assert.equal(channel.state, "TRANSIENT_FAILURE")
    const failed = new Watched(client.say({ text: "c" }))
    const waits = new Watched(client.say({ text: "d" }, { waitForReady: true }))
    await clock.advance(1)
    assert.equal(failed.error?.code, "UNAVAILABLE")
    assert.match(
      failed.error!.message,
      /^no connection to ward: in-memory:0: test\.Parrot is NOT_SERVING there; in-memory:1/,
    )
    patients[0]!.say(SERVING)
    await clock.advance(1)
    assert.deepEqual(waits.value, { text: "d" })
    assert.equal(channel.state, "READY")
    assert.deepEqual(
      patients.map(({ requests }) => requests.length),
      [1, 1],
    )
  })

  it("counts as well when it has no such service", async () => {
    await using under = ward(watching, false)
    const call = new Watched(under.client.say({ text: "a" }))
    await under.clock.advance(100)
    assert.deepEqual(call.value, { text: "a" })
  })

  it("is asked again when the watch fails: at once if it had answered, then after a backoff", async () => {
    await using under = ward()
    const { clock, channel, patients } = under
    channel.connect()
    await clock.advance(1)
    const [patient] = patients
    patient!.say(SERVING)
    await clock.advance(1)
    assert.equal(channel.state, "READY")
    patient!.say("INTERNAL")
    await clock.advance(1)
    assert.equal(patient!.requests.length, 2)
    assert.equal(channel.state, "CONNECTING")
    patient!.say("INTERNAL")
    await clock.advance(999)
    assert.equal(patient!.requests.length, 2)
    await clock.advance(2)
    assert.equal(patient!.requests.length, 3)
    patient!.say(SERVING)
    await clock.advance(1)
    assert.equal(channel.state, "READY")
  })

  it("that never says how it fares counts as failed after connectTimeoutMs", async () => {
    await using under = ward({ ...watching, connectTimeoutMs: 5_000 })
    const call = new Watched(under.client.say({ text: "a" }))
    await under.clock.advance(4_999)
    assert.ok(call.pending)
    await under.clock.advance(1)
    assert.equal(call.error?.code, "UNAVAILABLE")
    assert.match(call.error!.message, /in-memory:0 has not said within 5000 ms how it fares/)
  })

  it("is let go of when the channel is closed, and connected to anew when the connection is lost", async () => {
    await using under = ward()
    const { clock, channel, patients } = under
    channel.connect()
    for (const patient of patients) patient.say(SERVING)
    await clock.advance(1)
    assert.equal(channel.state, "READY")
    const over = patients[0]!.server.shutdown({ graceMs: 1_000 })
    await clock.advance(10)
    const call = new Watched(under.client.say({ text: "a" }))
    await clock.advance(1)
    assert.ok(call.value)
    await clock.advance(5_000)
    await over
    assert.equal(channel.state, "READY")
  })
})

describe("health is not watched", () => {
  it("with pick_first, nor with healthChecks: false, nor without a service's name", async () => {
    const { serviceConfig } = watching
    for (const options of [
      { serviceConfig: { healthCheckConfig: { serviceName: "x" } } },
      { serviceConfig, healthChecks: false },
      { serviceConfig: { loadBalancingConfig: [{ round_robin: {} }], healthCheckConfig: {} } },
    ] satisfies ChannelOptions[]) {
      await using under = ward(options)
      const call = new Watched(under.client.say({ text: "a" }))
      await under.clock.advance(100)
      assert.deepEqual(call.value, { text: "a" })
      assert.deepEqual(under.patients[0]!.requests, [])
    }
  })
})

describe("what a server says of its health", () => {
  const cases: readonly [hex: string, serving: boolean][] = [
    ["", false],
    ["0801", true],
    ["0800", false],
    ["0803", false],
    ["08020801", true],
    ["0a0401020304120201020801", true],
    ["1900000000000000000801", true],
    ["25000000000801", true],
    ["0880808080808080808001", false],
    ["0b", false],
    ["ffffffffffffffffffffffffffffff", false],
  ]
  for (const [hex, serving] of cases) {
    it(`${hex === "" ? "nothing" : hex}: ${serving ? "it serves" : "it does not"}`, async () => {
      await using under = ward()
      under.channel.connect()
      for (const patient of under.patients) patient.say(Uint8Array.from(Buffer.from(hex, "hex")))
      await under.clock.advance(1)
      assert.equal(under.channel.state, serving ? "READY" : "TRANSIENT_FAILURE")
    })
  }

  it("with a name of any length", async () => {
    const serviceName = "s".repeat(300)
    await using under = ward({
      serviceConfig: { loadBalancingConfig: [{ round_robin: {} }], healthCheckConfig: { serviceName } },
    })
    under.channel.connect()
    await under.clock.advance(1)
    assert.deepEqual(under.patients[0]!.requests, [`\n\xac\x02${serviceName}`])
  })
})
