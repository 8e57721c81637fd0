import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { type DnsResponder, startDnsResponder } from "../test-support/dns-responder.js"
import { lookupAt, lookupTextAt } from "./dns-server.js"

let responder: DnsResponder

before(async () => {
  responder = await startDnsResponder(
    new Map([
      ["both.test", { a: ["10.0.0.1", "10.0.0.2"], aaaa: ["2001:db8:0:0:0:0:0:1"] }],
      ["four.test", { a: ["10.0.0.3"] }],
      ["none.test", {}],
      ["text.test", { txt: ["short", "x".repeat(300)] }],
    ]),
  )
})

after(() => responder.close())

test("A and AAAA are asked for, and both are taken", async () => {
  const found = await lookupAt(responder.address)("both.test")
  assert.deepEqual(found, [{ address: "2001:db8::1" }, { address: "10.0.0.1" }, { address: "10.0.0.2" }])
  assert.deepEqual(responder.questions.sort(), ["A both.test", "AAAA both.test"])
})

test("a name that has addresses of one family only has them", async () => {
  assert.deepEqual(await lookupAt(responder.address)("four.test"), [{ address: "10.0.0.3" }])
})

for (const [name, why] of [
  ["unknown.test", "ENOTFOUND"],
  ["none.test", "ENODATA"],
]) {
  test(`an error names the server, the name and why: ${name}`, async () => {
    await assert.rejects(lookupAt(responder.address)(name!), {
      message: `DNS server ${responder.address} does not know "${name}": ${why}`,
    })
  })
}

test("TXT records come in their pieces", async () => {
  const records = await lookupTextAt(responder.address)("text.test")
  assert.deepEqual(records, [["short"], ["x".repeat(255), "x".repeat(45)]])
  await assert.rejects(lookupTextAt(responder.address)("unknown.test"), { code: "ENOTFOUND" })
})
