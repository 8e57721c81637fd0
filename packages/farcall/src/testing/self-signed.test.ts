import assert from "node:assert/strict"
import { createPrivateKey, X509Certificate } from "node:crypto"
import { test } from "node:test"
import { selfSigned } from "./self-signed.js"

test("a certificate that has signed itself, for this machine", () => {
  const { cert, key } = selfSigned()
  const x509 = new X509Certificate(cert)
  assert.ok(x509.verify(x509.publicKey))
  assert.ok(x509.checkPrivateKey(createPrivateKey(key)))
  assert.equal(x509.subject, "CN=farcall/testing")
  assert.equal(x509.checkHost("localhost"), "localhost")
  assert.equal(x509.checkIP("127.0.0.1"), "127.0.0.1")
  assert.equal(x509.checkIP("::1"), "::1")
  assert.equal(x509.checkHost("example.com"), undefined)
  assert.deepEqual([x509.validFrom, x509.validTo], ["Jan  1 00:00:00 2000 GMT", "Jan  1 00:00:00 2100 GMT"])
  assert.notEqual(new X509Certificate(selfSigned().cert).serialNumber, x509.serialNumber)
})
