import { type ClientDuplexStream, type ClientReadableStream, credentials } from "@grpc/grpc-js"
import { Echo, Load } from "./grpc-js-protos.js"
import { itemText, type LoadClient, largeWindow, longestMessage, payloadLength } from "./load-client.js"

type Callback<Response> = (error: Error | null, response: Response) => void

interface Item {
  readonly number: number
  readonly text: string
}

export function grpcJsClient(address: string, large = false): LoadClient {
  const window = large ? { "grpc-node.flow_control_window": largeWindow } : {}
  const options = { "grpc.max_receive_message_length": longestMessage, ...window }
  const echo = new Echo(address, credentials.createInsecure(), options)
  const load = new Load(address, credentials.createInsecure(), options)
  return {
    reply: (message) => called((done) => echo["reply"]({ message }, done)),
    count(items) {
      return new Promise((resolve, reject) => {
        let received = 0
        const stream: ClientReadableStream<Item> = load["count"]({ items })
        stream.on("data", ({ number, text }: Item) => {
          if (number !== received++ || text !== itemText)
            stream.destroy(new Error(`item ${received}: ${number} ${text}`))
        })
        stream.on("error", reject)
        stream.on("end", () => resolve(received))
      })
    },
    echoPayload: (data) => called((done) => load["echoPayload"]({ data }, done)),
    download(items) {
      return new Promise((resolve, reject) => {
        let received = 0
        const stream: ClientReadableStream<{ readonly data: Uint8Array }> = load["download"]({ items })
        stream.on("data", ({ data }: { readonly data: Uint8Array }) => {
          if (data.length !== payloadLength) stream.destroy(new Error(`payload ${received}: ${data.length} bytes`))
          received++
        })
        stream.on("error", reject)
        stream.on("end", () => resolve(received))
      })
    },
    hold() {
      return new Promise((resolve, reject) => {
        const stream: ClientDuplexStream<Item, Item> = load["hold"]()
        stream.on("error", reject)
        stream.on("data", () => resolve())
        stream.write({ number: 1, text: itemText })
      })
    },
    async close() {
      echo.close()
      load.close()
    },
  }
}

function called<Response>(call: (done: Callback<Response>) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)))
  })
}
