import assert from "node:assert/strict"
import { test } from "node:test"
import { formatAddress, isLoopbackHost, splitHostPort } from "./address.js"
import { type Credentials, checkCredentials, insecure, local } from "./credentials.js"
import { tls } from "./tls-credentials.js"

test("plaintext on this machine need not be said, elsewhere it must", () => {
  assert.deepEqual(checkCredentials("createChannel", "localhost:5", true, undefined), { kind: "insecure" })
  assert.equal(checkCredentials("createChannel", "10.0.0.1:5", false, insecure()), insecure())
  assert.throws(() => checkCredentials("server.listen", "0.0.0.0:5", false, undefined), {
    name: "TypeError",
    message:
      'server.listen: "0.0.0.0:5" goes beyond this machine, and plaintext must be said: pass { credentials: insecure() }, or tls()',
  })
})

test("local() holds on this machine alone, TLS everywhere", () => {
  assert.equal(checkCredentials("listen", "localhost:5", true, local()), local())
  assert.throws(() => checkCredentials("listen", "0.0.0.0:5", false, local()), {
    name: "TypeError",
    message: 'listen: "0.0.0.0:5" goes beyond this machine, and local() does not',
  })
  const credentials = tls()
  assert.equal(checkCredentials("createChannel", "10.0.0.1:5", false, credentials), credentials)
})

test("credentials of no known kind are refused", () => {
  for (const wrong of [null, "insecure", {}, { kind: "tls" }]) {
    assert.throws(() => checkCredentials("createChannel", "localhost:5", true, wrong as Credentials), TypeError)
  }
})

test("what is loopback", () => {
  for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"]) {
    assert.equal(isLoopbackHost(host), true, host)
  }
  for (const host of ["0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "::2", "localhost.example.com", "127.example.com"]) {
    assert.equal(isLoopbackHost(host), false, host)
  }
})

test("host and port apart, and together again", () => {
  assert.deepEqual(splitHostPort("localhost:0"), { host: "localhost", port: 0 })
  assert.deepEqual(splitHostPort("[::]:50052"), { host: "::", port: 50052 })
  assert.deepEqual(splitHostPort("::1"), { host: "::1", port: undefined })
  for (const wrong of ["", ":", "a:b", "a:-1", "a:65536", "a:1:2", "[::1", "[::1]5", "[]:5", "a/b"]) {
    assert.equal(splitHostPort(wrong), undefined, wrong)
  }
  assert.equal(formatAddress({ kind: "tcp", host: "::1", port: 5 }), "ipv6:[::1]:5")
  assert.equal(formatAddress({ kind: "tcp", host: "127.0.0.1", port: 5 }), "ipv4:127.0.0.1:5")
  assert.equal(formatAddress({ kind: "unix", path: "/run/x" }), "unix:/run/x")
  assert.equal(formatAddress({ kind: "in-memory", name: "7" }), "in-memory:7")
})
