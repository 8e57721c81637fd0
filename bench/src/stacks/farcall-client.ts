import { Echo } from "@farcall/example-echo/gen/echo_grpc.js"
import { createChannel, createClient, tls } from "farcall"
import { Load } from "../gen/load_grpc.js"
import { certificate } from "./certificate.js"
import { largeMessages } from "./large-messages.js"
import { itemText, type LoadClient, longestMessage, payloadLength } from "./load-client.js"

export function farcallClient(address: string, secured = false, large = false): LoadClient {
  const security = secured ? { credentials: tls({ ca: certificate.ca }) } : {}
  const channel = createChannel(address, {
    maxReceiveMessageLength: longestMessage,
    http2: large ? largeMessages : {},
    ...security,
  })
  const echo = createClient(Echo, channel)
  const load = createClient(Load, channel)
  return {
    reply: (message) => echo.reply({ message }),
    async count(items) {
      let received = 0
      for await (const { number, text } of load.count({ items })) {
        if (number !== received++ || text !== itemText) throw new Error(`item ${received}: ${number} ${text}`)
      }
      return received
    },
    echoPayload: (data) => load.echoPayload({ data }),
    async download(items) {
      let received = 0
      for await (const { data } of load.download({ items })) {
        if (data.length !== payloadLength) throw new Error(`payload ${received}: ${data.length} bytes`)
        received++
      }
      return received
    },
    async hold() {
      const call = load.hold()
      await call.write({ number: 1, text: itemText })
      const first = await call[Symbol.asyncIterator]().next()
      if (first.value?.number !== 1) throw new Error(`held stream: ${JSON.stringify(first)}`)
    },
    async close() {
      await channel.close()
    },
  }
}
