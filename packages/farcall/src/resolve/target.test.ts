import assert from "node:assert/strict"
import { test } from "node:test"
import { systemClock } from "../core/clock.js"
import { startDnsResponder } from "../test-support/dns-responder.js"
import { virtualClock } from "../testing/virtual-clock.js"
import { type Address, formatAddress } from "../transport/address.js"
import type { TargetParts } from "./resolver.js"
import { staticName } from "./static.js"
import { parseTarget } from "./target.js"

/** Target, authority (gRPC A41), whether it is local, and the addresses where no look-up is needed. */
const targets: readonly (readonly [string, string, boolean, (readonly string[])?])[] = [
  ["localhost:50051", "localhost:50051", true],
  ["dns:localhost:50051", "localhost:50051", true],
  ["dns:///localhost:50051", "localhost:50051", true],
  ["DNS:///LocalHost", "LocalHost", true],
  ["dns:///example.com:443", "example.com:443", false],
  ["example.com", "example.com", false],
  ["127.0.0.1:5", "127.0.0.1:5", true, ["ipv4:127.0.0.1:5"]],
  ["127.8.9.1", "127.8.9.1", true, ["ipv4:127.8.9.1:443"]],
  ["dns:///10.0.0.1:5", "10.0.0.1:5", false, ["ipv4:10.0.0.1:5"]],
  ["[::1]:5", "[::1]:5", true, ["ipv6:[::1]:5"]],
  ["0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:1", true, ["ipv6:[0:0:0:0:0:0:0:1]:443"]],
  ["dns:[2001:db8::1]", "[2001:db8::1]", false, ["ipv6:[2001:db8::1]:443"]],
  ["unix:run/x.sock", "localhost", true, ["unix:run/x.sock"]],
  ["unix:/run/x.sock", "localhost", true, ["unix:/run/x.sock"]],
  ["unix:///run/x.sock", "localhost", true, ["unix:/run/x.sock"]],
  ["ipv4:127.0.0.1:5,127.0.0.2", "127.0.0.1:5", true, ["ipv4:127.0.0.1:5", "ipv4:127.0.0.2:443"]],
  ["ipv4:127.0.0.1:5,10.0.0.1:6", "127.0.0.1:5", false, ["ipv4:127.0.0.1:5", "ipv4:10.0.0.1:6"]],
  ["unix-abstract:farcall", "localhost", true, ["unix-abstract:farcall"]],
  ["passthrough:///example.com:5", "example.com:5", false, ["passthrough:example.com:5"]],
  ["passthrough:localhost:5", "localhost:5", true, ["passthrough:localhost:5"]],
  ["dns://10.0.0.53/example.com:5", "example.com:5", false],
  ["dns://[2001:db8::53]:5353/example.com", "example.com", false],
  ["ipv6:[::1]:5,::1", "[::1]:5", true, ["ipv6:[::1]:5", "ipv6:[::1]:443"]],
]

for (const [target, authority, local, addresses] of targets) {
  test(`the target ${target}`, () => {
    const name = parseTarget(target)
    assert.equal(name.authority, authority)
    assert.equal(name.local, local)
    if (addresses === undefined) return
    let found: string[] = []
    const resolver = name.open(
      { onAddresses: (all) => (found = all.map(formatAddress)), onError: assert.fail },
      virtualClock(),
    )
    resolver.resolve()
    assert.deepEqual(found, addresses)
    found = []
    resolver.resolve()
    assert.deepEqual(found, [], "addresses that cannot change are told once")
  })
}

const malformed: readonly (readonly [string, RegExp])[] = [
  ["", /^the target "" is malformed: it must be a text that is not empty; targets are host:port, /],
  ["localhost:http", /^the target "localhost:http" is malformed: "localhost:http" is not host:port; targets are /],
  ["localhost:65536", /is not host:port/],
  ["localhost:", /is not host:port/],
  [":50051", /is not host:port/],
  ["a b:1", /is not host:port/],
  ["https://example.com", /"https:\/\/example.com" is not host:port \(leave "https:\/\/" out, TLS is said by/],
  ["http://localhost:5/", /is not host:port \(leave "http:\/\/" out\)/],
  ["[localhost]:5", /is not host:port/],
  ["dns://resolver.test/example.com", /the DNS server "resolver.test" is no IP address/],
  ["dns://8.8.8.8/", /"" is not host:port/],
  ["unix-abstract:", /the name of the socket is missing/],
  ["passthrough:///", /"" is not host:port/],
  ["dns:///", /"" is not host:port/],
  ["unix:", /the path of the socket is missing/],
  ["unix://", /the path of the socket is missing/],
  ["unix://run/x.sock", /a path behind unix:\/\/ is absolute/],
  ["ipv4:localhost:5", /"localhost:5" is not such an address/],
  ["ipv4:1.2.3.4:5,", /"" is not such an address/],
  ["ipv4:[::1]:5", /"\[::1\]:5" is not such an address/],
  ["ipv6:1.2.3.4:5", /"1.2.3.4:5" is not such an address/],
]

for (const [target, message] of malformed) {
  test(`the target ${JSON.stringify(target)} is refused`, () => {
    assert.throws(() => parseTarget(target), { name: "TypeError", message })
  })
}

test("a target that is no text is refused", () => {
  assert.throws(() => parseTarget(undefined as unknown as string), /the target undefined is malformed/)
})

test("a scheme of one's own is given the parts of its target, and goes before gRPC's", () => {
  const seen: unknown[] = []
  const own = staticName([{ kind: "unix", path: "/run/found.sock" }], "found", true)
  const schemes = {
    consul: (parts: TargetParts) => {
      seen.push(parts)
      return own
    },
  }
  assert.equal(parseTarget("consul://agent:8500/greeter", { schemes }), own)
  assert.equal(parseTarget("Consul:greeter", { schemes }), own)
  assert.deepEqual(seen, [
    { target: "consul://agent:8500/greeter", authority: "agent:8500", endpoint: "greeter" },
    { target: "Consul:greeter", authority: "", endpoint: "greeter" },
  ])
  assert.throws(() => parseTarget("constructor:x", { schemes }), /"constructor:x" is not host:port/)
})

test("dns://server/name asks that server", async () => {
  const responder = await startDnsResponder(new Map([["greeter.test", { a: ["10.0.0.7"] }]]))
  const name = parseTarget(`dns://${responder.address}/greeter.test:50051`)
  const found = await new Promise((resolve, reject) => {
    const listener = { onAddresses: (all: readonly Address[]) => resolve(all.map(formatAddress)), onError: reject }
    name.open(listener, systemClock).resolve()
  })
  responder.close()
  assert.deepEqual(found, ["ipv4:10.0.0.7:50051"])
})
