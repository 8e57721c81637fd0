import { createChannel, createClient, tls } from "../index.js"
import { Parrot } from "./parrot.js"

// A program that makes a call and forgets to close its channel, or with `close` does not; says what came of the call.
//     node forgotten-channel.js TARGET [CA-FILE|-] [close]

const [target, ca, close] = process.argv.slice(2)
const channel = createChannel(target!, ca === undefined || ca === "-" ? {} : { credentials: tls({ ca }) })
const client = createClient(Parrot, channel)
console.log((await client.say({ text: "once" })).text)
for await (const { text } of client.repeat({ text: "again" })) console.log(text)
if (close === "close") {
  await channel.close()
  console.log("closed")
}
