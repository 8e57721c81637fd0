import { addHealth } from "../health/index.js"
import { createChannel, createClient, createServer, Metadata, StatusError } from "../index.js"
import { Parrot } from "./parrot.js"

// A program in whose life everything happens that can be traced, for tests of what the environment makes it print: a call
// that is tried again, one that is cancelled, an address where nobody is, a service that is unwell, and with `workers`
// a thread that dies. All of its secrets are the same word.

const secret = "top-secret"
const metadata = new Metadata({
  authorization: `Bearer ${secret}`,
  cookie: `id=${secret}`,
  "x-api-key": secret,
  "session-token": secret,
  "some-bin": new TextEncoder().encode(secret),
})

const threads = process.argv.includes("workers")
let failures = 1
const server = createServer({ onHandlerError: () => {} })
if (threads) server.add(Parrot, new URL("./parrot-worker.js", import.meta.url), { workers: 1 })
else {
  server.add(Parrot, {
    say(request, context) {
      context.responseTrailers.set("x-refresh-token", secret)
      if (failures-- > 0) throw new StatusError("UNAVAILABLE", "not\nyet")
      context.responseHeaders.set("set-cookie", secret)
      return request
    },
    async *repeat(request) {
      while (true) yield request
    },
  })
}
const health = addHealth(server)
const address = await server.listen("127.0.0.1:0")
const retryPolicy = {
  maxAttempts: 3,
  initialBackoff: "0.001s",
  maxBackoff: "0.001s",
  backoffMultiplier: 1,
  retryableStatusCodes: ["UNAVAILABLE"],
} as const
const channel = createChannel(`${address}`, {
  serviceConfig: {
    loadBalancingConfig: [{ round_robin: {} }],
    healthCheckConfig: { serviceName: Parrot.typeName },
    methodConfig: [{ name: [{ service: Parrot.typeName }], retryPolicy }],
  },
})
const client = createClient(Parrot, channel)
if (threads) await client.say({ text: "crash" }).catch(() => {})
else {
  console.log((await client.say({ text: "hello" }, { metadata })).text)
  for await (const _ of client.repeat({ text: "again" }, { metadata })) break
  health.set(Parrot.typeName, "NOT_SERVING")
  await nextState(channel)
  const nowhere = createChannel("127.0.0.1:1")
  await createClient(Parrot, nowhere)
    .say({ text: "lost" })
    .catch(() => {})
  await nowhere.close()
}
await channel.close()
await server.shutdown()

/** Until it is not READY any more. */
async function nextState(watched: typeof channel): Promise<void> {
  for await (const state of watched.watchState()) if (state !== "READY") return
}
