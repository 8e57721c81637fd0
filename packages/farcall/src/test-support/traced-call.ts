import { Metadata } from "../core/metadata.js"
import { createTestPair } from "../testing/index.js"
import { Parrot } from "./parrot.js"

/** A program of one call, for tests of what the environment makes it print. */
const { client, close } = await createTestPair(Parrot, { say: (request) => request })
const metadata = new Metadata()
metadata.set("authorization", "Bearer top-secret")
const { text } = await client.say({ text: "hello" }, { metadata })
await close()
console.log(text)
