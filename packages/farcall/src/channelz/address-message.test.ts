import assert from "node:assert/strict"
import { test } from "node:test"
import { addressBytes, addressMessage } from "./address-message.js"

test("addresses of IP become the bytes that they are on the wire", () => {
  const table: [string, string | undefined][] = [
    ["127.0.0.1", "7f000001"],
    ["255.255.255.0", "ffffff00"],
    ["::1", "00000000000000000000000000000001"],
    ["::", "00000000000000000000000000000000"],
    ["fe80::1%eth0", "fe800000000000000000000000000001"],
    ["2001:db8:1:2:3:4:5:6", "20010db8000100020003000400050006"],
    ["2001:db8::5:0:0", "20010db8000000000000000500000000"],
    ["::ffff:192.0.2.1", "00000000000000000000ffffc0000201"],
    ["localhost", undefined],
    ["", undefined],
  ]
  for (const [host, hex] of table) {
    const bytes = addressBytes(host)
    assert.equal(bytes && Buffer.from(bytes).toString("hex"), hex, host)
  }
})

test("peers' names become addresses of their kind; what is neither of IP nor a path stays a name", () => {
  const ip = (hex: string, port: number): object => ({
    case: "tcpipAddress",
    value: { ipAddress: new Uint8Array(Buffer.from(hex, "hex")), port },
  })
  const table: [string, object][] = [
    ["ipv4:127.0.0.1:50051", ip("7f000001", 50051)],
    ["ipv6:[::1]:50051", ip("00000000000000000000000000000001", 50051)],
    ["unix:/run/a b.sock", { case: "udsAddress", value: { filename: "/run/a b.sock" } }],
    ["unix-abstract:name", { case: "otherAddress", value: { name: "unix-abstract:name" } }],
    ["in-memory:3", { case: "otherAddress", value: { name: "in-memory:3" } }],
    ["ipv4:nonsense", { case: "otherAddress", value: { name: "ipv4:nonsense" } }],
    ["unknown", { case: "otherAddress", value: { name: "unknown" } }],
  ]
  for (const [name, address] of table) assert.deepEqual(addressMessage(name), { address }, name)
})
