import assert from "node:assert/strict"
import { isIP } from "node:net"
import { it } from "node:test"
import { ipFamily } from "./ip-family.js"

it("an address is of the family that Node says", () => {
  const addresses = ["127.0.0.1", "255.255.255.255", "::", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "2001:db8::7"]
  const others = [
    "",
    ":",
    "localhost",
    "127.0.0.1:80",
    "[::1]",
    "::1]",
    "1.2.3",
    "256.0.0.1",
    "01.2.3.4",
    "1:2:3:4:5:6:7:8:9",
  ]
  for (const text of [...addresses, ...others]) assert.equal(ipFamily(text), isIP(text), text)
  assert.ok(addresses.every((text) => ipFamily(text) !== 0))
})
