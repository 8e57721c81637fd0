import assert from "node:assert/strict"
import { test } from "node:test"
import { settled } from "../test-support/settled.js"
import { type VirtualClock, virtualClock } from "../testing/virtual-clock.js"
import { formatAddress } from "../transport/address.js"
import { type DnsOptions, dnsName, type Lookup } from "./dns.js"
import type { ResolverListener } from "./resolver.js"

/** A resolver of `example.com:5` whose look-ups a test answers, and what its listener heard. */
function setUp(): {
  clock: VirtualClock
  resolver: ReturnType<ReturnType<typeof dnsName>["open"]>
  asked: { at: number; host: string; answer: (addresses: string[]) => void; fail: (error: unknown) => void }[]
  heard: string[]
} {
  const clock = virtualClock()
  const asked: ReturnType<typeof setUp>["asked"] = []
  const heard: string[] = []
  const lookup: Lookup = (host) =>
    new Promise((resolve, reject) => {
      const answer = (addresses: string[]): void => resolve(addresses.map((address) => ({ address })))
      asked.push({ at: clock.now(), host, answer, fail: reject })
    })
  const name = dnsName("example.com:5", { host: "example.com", port: 5 }, { lookup, random: () => 0.5 })
  const resolver = name.open(
    {
      onAddresses: (addresses) => heard.push(addresses.map(formatAddress).join(" ")),
      onError: (error, retryAt) => heard.push(`${error.message}, again at ${retryAt}`),
    },
    clock,
  )
  return { clock, resolver, asked, heard }
}

test("all addresses are told, in the order in which they came", async () => {
  const { resolver, asked, heard } = setUp()
  assert.equal(asked.length, 0)
  resolver.resolve()
  assert.equal(asked[0]!.host, "example.com")
  asked[0]!.answer(["10.0.0.2", "2001:db8::1", "10.0.0.1"])
  await settled()
  assert.deepEqual(heard, ["ipv4:10.0.0.2:5 ipv6:[2001:db8::1]:5 ipv4:10.0.0.1:5"])
})

test("look-ups are at least 30 s apart", async () => {
  const { clock, resolver, asked } = setUp()
  resolver.resolve()
  resolver.resolve()
  await clock.advance(1_000)
  asked[0]!.answer(["10.0.0.1"])
  await settled()
  resolver.resolve()
  resolver.resolve()
  await clock.advance(28_999)
  assert.equal(asked.length, 1)
  await clock.advance(1)
  assert.deepEqual(
    asked.map(({ at }) => at),
    [0, 30_000],
  )
  asked[1]!.answer(["10.0.0.1"])
  await clock.advance(90_000)
  assert.equal(asked.length, 2, "nobody asked for more")
  resolver.resolve()
  assert.equal(asked.length, 3, "the last look-up is long ago")
})

test("a look-up that fails is told, and made again by the backoff", async () => {
  const { clock, resolver, asked, heard } = setUp()
  resolver.resolve()
  asked[0]!.fail(new Error("getaddrinfo ENOTFOUND example.com"))
  await settled()
  assert.deepEqual(heard, ["getaddrinfo ENOTFOUND example.com, again at 1000"])
  resolver.resolve()
  await clock.advance(999)
  assert.equal(asked.length, 1)
  await clock.advance(1)
  asked[1]!.answer([])
  await settled()
  assert.equal(heard[1], '"example.com" has no addresses, again at 2600')
  await clock.advance(1_600)
  asked[2]!.fail("a text")
  await settled()
  assert.equal(heard[2], "a text, again at 5160")
  await clock.advance(2_560)
  asked[3]!.answer(["10.0.0.1"])
  await settled()
  assert.equal(heard[3], "ipv4:10.0.0.1:5")
  await clock.advance(30_000)
  resolver.resolve()
  asked[4]!.fail(new Error("gone"))
  await settled()
  assert.equal(heard[4], `gone, again at ${clock.now() + 1_000}`, "the backoff began anew")
})

test("a look-up that takes more than 20 s has failed, and its late answer is ignored", async () => {
  const { clock, resolver, asked, heard } = setUp()
  resolver.resolve()
  await clock.advance(19_999)
  assert.deepEqual(heard, [])
  await clock.advance(1)
  assert.deepEqual(heard, ['looking up "example.com" took more than 20000 ms, again at 20000'])
  assert.equal(asked.length, 2, "the backoff was over already: it is counted from the start")
  asked[0]!.answer(["10.0.0.1"])
  await settled()
  assert.equal(heard.length, 1)
  asked[1]!.answer(["10.0.0.2"])
  await settled()
  assert.equal(heard[1], "ipv4:10.0.0.2:5")
})

test("a closed resolver tells nothing, asks nothing and has no timer", async () => {
  for (const end of ["answer", "fail", "backoff"]) {
    const { clock, resolver, asked, heard } = setUp()
    resolver.resolve()
    if (end === "backoff") {
      asked[0]!.fail(new Error("gone"))
      await settled()
      heard.length = 0
    }
    resolver.close()
    if (end === "answer") asked[0]!.answer(["10.0.0.1"])
    if (end === "fail") asked[0]!.fail(new Error("gone"))
    await settled()
    assert.equal(clock.pending, 0, end)
    resolver.resolve()
    await clock.advance(100_000)
    assert.deepEqual(heard, [])
    assert.equal(asked.length, 1)
  }
})

test("the system's own look-up finds localhost", async () => {
  const name = dnsName("localhost:5", { host: "localhost", port: 5 })
  const found = await new Promise<string[]>((resolve, reject) => {
    const listener = {
      onAddresses: (all: readonly Parameters<typeof formatAddress>[0][]) => resolve(all.map(formatAddress)),
      onError: reject,
    }
    name.open(listener, virtualClock()).resolve()
  })
  assert.ok(found.includes("ipv4:127.0.0.1:5") || found.includes("ipv6:[::1]:5"), found.join())
})

test("the service config is looked up beside the addresses, when that is wanted", async () => {
  const heard: unknown[] = []
  const at = { host: "example.com", port: 5 }
  const options: DnsOptions = {
    lookup: async () => [{ address: "10.0.0.1" }],
    serviceConfig: true,
    textLookup: async (name) => {
      assert.equal(name, "_grpc_config.example.com")
      return [['grpc_config=[{"serviceConfig":{"methodConfig":[]}}]']]
    },
  }
  const name = dnsName("example.com:5", at, options)
  assert.equal(name.findsServiceConfig, true)
  assert.equal(dnsName("example.com:5", at).findsServiceConfig, false)
  const listener: ResolverListener = {
    onAddresses: (addresses, config) => heard.push(addresses.map(formatAddress), config),
    onError: (error) => heard.push(error.message),
  }
  name.open(listener, virtualClock()).resolve()
  await settled()
  assert.deepEqual(heard.splice(0), [["ipv4:10.0.0.1:5"], { methodConfig: [] }])
  const failing = async (): Promise<never> => Promise.reject(new Error("no addresses"))
  dnsName("example.com:5", at, { ...options, lookup: failing })
    .open(listener, virtualClock())
    .resolve()
  await settled()
  assert.deepEqual(heard, ["no addresses"])
})
