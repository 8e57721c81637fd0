import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import { type Address, formatAddress } from "../transport/address.js"
import { distinct, inTurns, shuffled } from "./address-order.js"

const tcp = (host: string): Address => ({ kind: "tcp", host, port: 1 })

describe("the order of addresses", () => {
  const turns = (hosts: readonly string[]) => inTurns(hosts.map(tcp)).map(formatAddress)

  it("has the families of IP take turns, beginning with the first address's", () => {
    assert.deepEqual(turns(["::1", "::2", "::3", "10.0.0.1", "10.0.0.2"]), [
      "ipv6:[::1]:1",
      "ipv4:10.0.0.1:1",
      "ipv6:[::2]:1",
      "ipv4:10.0.0.2:1",
      "ipv6:[::3]:1",
    ])
    assert.deepEqual(turns(["10.0.0.1", "::1", "10.0.0.2"]), ["ipv4:10.0.0.1:1", "ipv6:[::1]:1", "ipv4:10.0.0.2:1"])
    assert.deepEqual(turns(["10.0.0.2", "10.0.0.1"]), ["ipv4:10.0.0.2:1", "ipv4:10.0.0.1:1"])
  })

  it("counts an IPv4 address that is written as one of IPv6 as IPv4", () => {
    assert.deepEqual(inTurns(["::1", "::2", "::FFFF:10.0.0.1"].map(tcp)), ["::1", "::FFFF:10.0.0.1", "::2"].map(tcp))
  })

  it("keeps the first of those that are the same", () => {
    assert.deepEqual(distinct(["::1", "::2", "::1", "::3", "::2"].map(tcp)), ["::1", "::2", "::3"].map(tcp))
  })

  it("can be chance's: each place is drawn from those that are left", () => {
    const hosts = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(tcp)
    const drawn = (...chances: number[]) => shuffled(hosts, () => chances.shift()!).map((one) => hosts.indexOf(one))
    assert.deepEqual(drawn(0, 0), [1, 2, 0])
    assert.deepEqual(drawn(0.999, 0.999), [0, 1, 2])
    assert.deepEqual(drawn(0.5, 0), [2, 0, 1])
  })

  it("loses none, whatever chance says", () => {
    const hosts = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 8 })
    fc.assert(
      fc.property(hosts, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (all, chances) => {
        const given = all.map(tcp)
        const order = inTurns(shuffled(given, () => chances.next().value))
        assert.deepEqual(order.map(formatAddress).sort(), given.map(formatAddress).sort())
      }),
    )
  })
})
