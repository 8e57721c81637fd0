import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { accessToken } from "../client/call-credentials.js"
import { createClient } from "../client/client.js"
import type { Interceptor } from "../core/interceptor.js"
import { Metadata } from "../core/metadata.js"
import { StatusError } from "../core/status-error.js"
import type { ServerContext } from "../server/context.js"
import { authority, identity } from "../test-support/certificates.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot, TextCodec } from "../test-support/parrot.js"
import { tlsServer } from "../test-support/tls-server.js"
import { createTestPair, type TestPair } from "../testing/test-pair.js"
import { bearerAuthentication, mutualTlsAuthentication } from "./index.js"

interface User {
  readonly name: string
}

const users: ReadonlyMap<string, User> = new Map([["t0ken", { name: "Ada" }]])

describe("bearer authentication", () => {
  const verified = bearerAuthentication({ verify: async (token) => users.get(token) })
  const pair = (auth = verified, further: readonly Interceptor[] = []): Promise<TestPair<typeof Parrot>> =>
    createTestPair(
      Parrot,
      {
        say: (_request, context) => ({ text: auth.identityOf(context).name }),
        *repeat(_request, context) {
          yield { text: auth.identityOf(context).name }
        },
      },
      // Call credentials do not go over plaintext sockets.
      { transport: "memory", server: { interceptors: [auth.interceptor, ...further] } },
    )

  it("tells the handler whose token it is, which clients bring as call credentials", async () => {
    await using under = await pair()
    const options = { credentials: accessToken("t0ken") }
    assert.deepEqual(await under.client.say({ text: "" }, options), { text: "Ada" })
    for await (const { text } of under.client.repeat({ text: "" }, options)) assert.equal(text, "Ada")
  })

  it("tells it though an interceptor further in has changed the call, which may ask as well", async () => {
    let seen: string | undefined
    const changing: Interceptor = (next) => (call) => {
      seen = verified.identityOf(call).name
      return next(call.with({ metadata: new Metadata() }))
    }
    await using under = await pair(verified, [changing])
    const reply = await under.client.say({ text: "" }, { metadata: { authorization: "bearer t0ken" } })
    assert.deepEqual([reply.text, seen], ["Ada", "Ada"])
  })

  const refused: readonly (readonly [what: string, authorization: string | string[] | undefined, message: RegExp])[] = [
    ["no token", undefined, /brings no metadata "authorization: Bearer/],
    ["an empty one", "Bearer", /not of the form/],
    ["another scheme", "Basic dDBrZW4=", /not of the form/],
    ["two words", "Bearer t0ken t0ken", /not of the form/],
    ["two tokens", ["Bearer t0ken", "Bearer t0ken"], /authorization 2 times/],
    ["a wrong one", "Bearer wr0ng", /the token is not accepted$/],
  ]
  for (const [what, authorization, message] of refused) {
    it(`refuses ${what}, before the request is decoded`, async (test) => {
      const decoded = test.mock.method(TextCodec, "decode")
      await using under = await pair()
      const metadata = authorization === undefined ? {} : { authorization }
      const error = await failureOf(under.client.say({ text: "" }, { metadata }))
      assert.equal(error.code, "UNAUTHENTICATED")
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /t0ken|wr0ng|dDBr/)
      assert.equal(decoded.mock.callCount(), 0)
    })
  }

  it("takes false and null for a refusal too", async () => {
    for (const verdict of [false, null] as const) {
      await using under = await pair(bearerAuthentication<User>({ verify: () => verdict }))
      const error = await failureOf(under.client.say({ text: "" }, { metadata: { authorization: "Bearer x" } }))
      assert.equal(error.code, "UNAUTHENTICATED")
    }
  })

  it("refuses with what verify throws: a StatusError as it is, anything else without its text", async () => {
    const thrown: [unknown, string, string][] = [
      [new StatusError("UNAVAILABLE", "ask later"), "UNAVAILABLE", "ask later"],
      [new Error("the key is 4711"), "UNAUTHENTICATED", "the token could not be verified"],
    ]
    for (const [fault, code, message] of thrown) {
      const verify = (): never => {
        throw fault
      }
      await using under = await pair(bearerAuthentication<User>({ verify }))
      const error = await failureOf(under.client.say({ text: "" }, { metadata: { authorization: "Bearer x" } }))
      assert.deepEqual([error.code, error.message], [code, message])
    }
  })

  it("lets open methods be, which then have no identity", async () => {
    const auth = bearerAuthentication({ verify: (token) => users.get(token), open: ({ name }) => name === "Gather" })
    await using under = await createTestPair(
      Parrot,
      { gather: async () => ({ text: "open" }), say: (request) => request },
      { server: { interceptors: [auth.interceptor] } },
    )
    assert.deepEqual(await under.client.gather([]), { text: "open" })
    assert.equal((await failureOf(under.client.say({ text: "" }))).code, "UNAUTHENTICATED")
    assert.throws(() => auth.identityOf({ values: new Map() }), { code: "UNAUTHENTICATED" })
  })

  it("wants a function", () => {
    assert.throws(() => bearerAuthentication({} as never), TypeError)
    assert.throws(() => mutualTlsAuthentication({} as never), TypeError)
  })
})

describe("authentication by certificate", () => {
  let verdict: "ask" | "no" | "fail" = "ask"
  const auth = mutualTlsAuthentication({
    verify({ subjectAltNames }) {
      if (verdict === "fail") throw new Error("4711")
      if (verdict === "no") return undefined
      return subjectAltNames.find((name) => name === "URI:spiffe://test.example/client")
    },
    open: ({ name }) => name === "Gather",
  })
  const servicer = {
    say: (_request: unknown, context: ServerContext) => ({ text: auth.identityOf(context) }),
    gather: async () => ({ text: "open" }),
  }
  const server = () =>
    tlsServer({ ...identity("server"), ca: authority, clientCertificates: "request" }, servicer, {
      interceptors: [auth.interceptor],
    })

  it("tells the handler whose certificate it is", async () => {
    await using served = await server()
    assert.equal((await served.client(identity("client")).say({ text: "" })).text, "URI:spiffe://test.example/client")
  })

  it("refuses one that is not accepted PERMISSION_DENIED, by its name", async () => {
    await using served = await server()
    for (verdict of ["no", "fail"] as const) {
      const error = await failureOf(served.client(identity("client")).say({ text: "" }))
      assert.equal(error.code, "PERMISSION_DENIED")
      assert.equal(error.message, "O=Farcall tests,CN=client may not call /test.Parrot/Say")
    }
    verdict = "ask"
  })

  it("refuses a client without one UNAUTHENTICATED, but for open methods", async () => {
    await using served = await server()
    const client = served.client()
    const error = await failureOf(client.say({ text: "" }))
    assert.deepEqual([error.code, error.message], ["UNAUTHENTICATED", "the client has shown no certificate"])
    assert.deepEqual(await client.gather([]), { text: "open" })
  })

  it("refuses plaintext UNAUTHENTICATED", async () => {
    const options = { server: { interceptors: [auth.interceptor] }, transport: "memory" } as const
    await using pair = await createTestPair(Parrot, servicer, options)
    const error = await failureOf(createClient(Parrot, pair.channel).say({ text: "" }))
    assert.equal(error.code, "UNAUTHENTICATED")
    assert.match(error.message, /plaintext/)
  })
})
