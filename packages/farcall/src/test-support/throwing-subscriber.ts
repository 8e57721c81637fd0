import { subscribe } from "node:diagnostics_channel"
import { createTestPair } from "../testing/index.js"
import { Parrot } from "./parrot.js"

/** A program of one call with a subscriber that throws, for the test of what becomes of both. */
const failures: string[] = []
process.on("uncaughtException", ({ message }) => failures.push(message))
subscribe("farcall:server:call:start", () => {
  throw new Error("by the subscriber")
})
const { client, close } = await createTestPair(Parrot, { say: (request) => request })
const { text } = await client.say({ text: "hello" })
await close()
console.log(text)
for (const message of failures) console.log(`uncaught: ${message}`)
