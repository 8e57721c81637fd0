import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { createClient } from "../client/client.js"
import type { AuthContext } from "../core/auth-context.js"
import type { Interceptor } from "../core/interceptor.js"
import { StatusError } from "../core/status-error.js"
import { authority, certificateFile, identity } from "../test-support/certificates.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot } from "../test-support/parrot.js"
import { type TlsServer, tlsServer } from "../test-support/tls-server.js"
import { alternativeNames } from "./socket-auth.js"
import { tls } from "./tls-credentials.js"
import type { TlsOptions } from "./tls-options.js"

/** A server that answers with what `tell` makes of what it knows of its client. */
function telling(options: TlsOptions, tell: (auth: AuthContext | undefined) => unknown): Promise<TlsServer> {
  return tlsServer(
    { ...identity("server"), ...options },
    {
      say: (_request, { auth }) => ({ text: JSON.stringify(tell(auth)) }),
    },
  )
}

async function told(served: TlsServer, credentials: TlsOptions = {}): Promise<unknown> {
  return JSON.parse((await served.client(credentials).say({ text: "" })).text)
}

describe("a client's certificate", () => {
  it("is on the handler's context, with all it says", async () => {
    await using served = await telling({ ca: authority, clientCertificates: "require" }, (auth) => {
      return { ...namesOf(auth!), raw: Buffer.from(auth!.certificate!.raw).toString("base64") }
    })
    const der = Buffer.from(
      readFileSync(certificateFile("client.pem"), "utf8").replace(/-----[^-]+-----|\n/g, ""),
      "base64",
    )
    const seen = (await told(served, identity("client"))) as Record<string, unknown>
    assert.equal(seen["subject"], "O=Farcall tests,CN=client")
    assert.equal(seen["commonName"], "client")
    assert.equal(seen["issuer"], "O=Farcall tests,CN=authority")
    assert.deepEqual(seen["subjectAltNames"], ["URI:spiffe://test.example/client", "DNS:client.test.example"])
    assert.equal(seen["validTo"], "2126-01-01T00:00:00.000Z")
    assert.equal(seen["validFrom"], "2020-01-01T00:00:00.000Z")
    assert.equal(seen["raw"], der.toString("base64"))
    const digest = createHash("sha256").update(der).digest("hex").toUpperCase()
    assert.equal(String(seen["fingerprint256"]).replaceAll(":", ""), digest)
    assert.match(String(seen["serialNumber"]), /^[0-9A-F]+$/)
    assert.equal(seen["isFor"], true)
    assert.equal(seen["isForOther"], false)
    assert.equal(seen["protocol"], "TLSv1.3")
    assert.match(String(seen["cipher"]), /^TLS_/)
  })

  it("is before interceptors too, which may refuse whom it names", async () => {
    const onlyFor: Interceptor = (next) => (call) => {
      const name = call.auth?.certificate?.commonName
      if (name !== "client") throw new StatusError("PERMISSION_DENIED", `${name} may not`)
      return next(call)
    }
    const options = { ...identity("server"), ca: authority, clientCertificates: "request" } as const
    await using served = await tlsServer(options, undefined, { interceptors: [onlyFor] })
    assert.deepEqual(await served.client(identity("client")).say({ text: "a" }), { text: "a" })
    const error = await failureOf(served.client().say({ text: "a" }))
    assert.deepEqual([error.code, error.message], ["PERMISSION_DENIED", "undefined may not"])
  })

  for (const clientCertificates of ["request", "require"] as const) {
    it(`of an authority that is not known is refused, when it is to ${clientCertificates}`, async () => {
      await using served = await telling({ ca: authority, clientCertificates }, () => "served")
      const error = await failureOf(served.client(identity("stranger")).say({ text: "" }))
      assert.equal(error.code, "UNAVAILABLE")
      assert.match(
        error.message,
        /turned the connection away: the client's certificate is of an authority that this server/,
      )
      assert.equal(served.refused.length, 1)
      assert.match(
        served.refused[0]!,
        /^ipv4:127\.0\.0\.1:\d+ was refused: the client's certificate is of an authority/,
      )
    })
  }

  it("that is a server's is refused", async () => {
    await using served = await telling({ ca: authority, clientCertificates: "require" }, () => "served")
    const error = await failureOf(served.client(identity("server")).say({ text: "" }))
    assert.match(error.message, /the client's certificate is not for clients/)
  })

  it("may be left out when it is requested, not when it is required", async () => {
    await using requesting = await telling({ ca: authority, clientCertificates: "request" }, (auth) => {
      return auth!.certificate === undefined ? "nobody" : "somebody"
    })
    assert.equal(await told(requesting), "nobody")
    assert.equal(await told(requesting, identity("client")), "somebody")
    await using requiring = await telling({ ca: authority, clientCertificates: "require" }, () => "served")
    const error = await failureOf(requiring.client().say({ text: "" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.match(error.message, /this server takes only clients with a certificate/)
  })

  it("is not asked for by default", async () => {
    await using served = await telling({}, (auth) => auth!.certificate === undefined)
    assert.equal(await told(served, identity("client")), true)
  })

  it("is not asked for without saying whose is believed", () => {
    assert.throws(
      () => tls({ ...identity("server"), clientCertificates: "require" }),
      /TypeError: tls: clientCertificates is "require" and needs ca/,
    )
  })
})

describe("the name that a client asks for", () => {
  it("decides which certificate it is shown", async () => {
    await using served = await telling(
      { certificates: [identity("elsewhere"), identity("second")] },
      (auth) => auth!.serverName,
    )
    assert.equal(await told(served, { serverName: "second.example" }), "second.example")
    assert.equal(await told(served, { serverName: "www.elsewhere.example" }), "www.elsewhere.example")
    assert.equal(await told(served, { serverName: "any.test.example" }), "any.test.example")
    const error = await failureOf(served.client({ serverName: "third.example" }).say({ text: "" }))
    assert.match(
      error.message,
      /certificate is not for "third\.example": it is for DNS:localhost, DNS:\*\.test\.example/,
    )
  })

  it("is none when it is an IP address", async () => {
    await using served = await telling({}, (auth) => auth!.serverName ?? "none")
    assert.equal(await told(served), "none")
  })
})

describe("a call's own authority", () => {
  it("must be one that the server's certificate is for", async () => {
    await using served = await tlsServer(identity("server"), {
      say: (_request, { authority }) => ({ text: authority! }),
    })
    const client = served.client()
    assert.deepEqual(await client.say({ text: "" }, { authority: "a.test.example" }), { text: "a.test.example" })
    assert.deepEqual(await client.say({ text: "" }, { authority: "localhost:5" }), { text: "localhost:5" })
    const error = await failureOf(client.say({ text: "" }, { authority: "bank.example" }))
    assert.equal(error.code, "UNAVAILABLE")
    assert.match(
      error.message,
      /certificate of ipv4:.* is not for the call's authority "bank\.example": it is for DNS:localhost, /,
    )
  })

  it("is by default the name that the credentials expect", async () => {
    await using served = await tlsServer(identity("server"), {
      say: (_request, { authority }) => ({ text: authority! }),
    })
    const named = served.client({ serverName: "a.test.example" })
    assert.deepEqual(await named.say({ text: "" }), { text: "a.test.example" })
    const both = served.client({ serverName: "a.test.example" }, { authority: "b.test.example:1" })
    assert.deepEqual(await both.say({ text: "" }), { text: "b.test.example:1" })
  })
})

describe("a session", () => {
  it("lets nobody in who was refused with it", async () => {
    await using served = await telling({ ca: authority, clientCertificates: "require" }, () => "served")
    const credentials = tls({ ca: authority, ...identity("stranger") })
    for (let i = 0; i < 3; i++) {
      const error = await failureOf(createClient(Parrot, served.channel({}, { credentials })).say({ text: "" }))
      assert.match(error.message, /the client's certificate is of an authority that this server does not know/)
    }
    const nobody = tls({ ca: authority })
    for (let i = 0; i < 3; i++) {
      const error = await failureOf(createClient(Parrot, served.channel({}, { credentials: nobody })).say({ text: "" }))
      assert.match(error.message, /this server takes only clients with a certificate/)
    }
  })

  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`of a server with another's name is not resumed (${maxVersion})`, async () => {
      await using served = await tlsServer({ ...identity("elsewhere"), secureContext: { maxVersion } })
      const credentials = tls({ ca: authority })
      for (let i = 0; i < 3; i++) {
        const error = await failureOf(createClient(Parrot, served.channel({}, { credentials })).say({ text: "" }))
        assert.match(error.message, /certificate is not for "127\.0\.0\.1"/)
      }
    })
  }

  it("of an earlier connection shortens the handshake, and keeps who the client is", async () => {
    const seen: unknown[] = []
    await using served = await telling({ ca: authority, clientCertificates: "require" }, (auth) => {
      seen.push([auth!.resumed, auth!.certificate?.commonName])
      return "served"
    })
    const credentials = tls({ ca: authority, ...identity("client") })
    for (let i = 0; i < 3; i++) {
      const channel = served.channel({}, { credentials })
      await createClient(Parrot, channel).say({ text: "" })
      await channel.close()
    }
    assert.deepEqual(seen, [
      [false, "client"],
      [true, "client"],
      [true, "client"],
    ])
  })
})

it("names of a certificate cannot be forged by what stands in one", () => {
  assert.deepEqual(alternativeNames(undefined), [])
  assert.deepEqual(alternativeNames("DNS:a.example, IP Address:10.0.0.1"), ["DNS:a.example", "IP Address:10.0.0.1"])
  assert.deepEqual(alternativeNames('DNS:"a, DNS:b.example", URI:"x\\"y"'), ["DNS:a, DNS:b.example", 'URI:x"y'])
})

function namesOf({ protocol, cipher, certificate }: AuthContext): Record<string, unknown> {
  const { subject, commonName, subjectAltNames, issuer, serialNumber, validFrom, validTo, fingerprint256 } =
    certificate!
  const isFor = certificate!.isFor("client.test.example")
  const isForOther = certificate!.isFor("10.0.0.1")
  const names = { subject, commonName, subjectAltNames, issuer, serialNumber, validFrom, validTo, fingerprint256 }
  return { protocol, cipher, isFor, isForOther, ...names }
}
