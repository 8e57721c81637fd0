import { readFileSync } from "node:fs"
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js"
import { certificate } from "./certificate.js"
import { Echo, Greeter, Load } from "./grpc-js-protos.js"
import { itemText, largeWindow, longestMessage, payloadLength } from "./load-client.js"

interface Text {
  readonly message: string
}

interface Item {
  readonly number: number
  readonly text: string
}

interface Payload {
  readonly data: Uint8Array
}

const payload = Buffer.alloc(payloadLength, "payload ")

const large = process.argv.includes("--large-messages") && { "grpc-node.flow_control_window": largeWindow }
const server = new Server({ "grpc.max_receive_message_length": longestMessage, ...large })
server.addService(Echo.service, {
  reply(call: ServerUnaryCall<Text, Text>, done: sendUnaryData<Text>) {
    done(null, { message: `You said: ${call.request.message}` })
  },
})
server.addService(Greeter.service, {
  greet(call: ServerUnaryCall<{ greeting: object }, { greeting: object }>, done: sendUnaryData<{ greeting: object }>) {
    done(null, { greeting: call.request.greeting })
  },
})
server.addService(Load.service, {
  count(call: ServerWritableStream<{ items: number }, Item>) {
    writeAll(call, (number) => ({ number, text: itemText }))
  },
  download(call: ServerWritableStream<{ items: number }, Payload>) {
    writeAll(call, () => ({ data: payload }))
  },
  echoPayload(call: ServerUnaryCall<Payload, Payload>, done: sendUnaryData<Payload>) {
    done(null, call.request)
  },
  hold(call: ServerDuplexStream<Item, Item>) {
    call.on("data", (item: Item) => call.write(item))
    call.on("end", () => call.end())
    call.on("error", () => {}) // The load goes away without a word.
  },
})
/** Writes as many messages as were asked for, as fast as they are taken. */
function writeAll<Message>(
  call: ServerWritableStream<{ items: number }, Message>,
  message: (number: number) => Message,
): void {
  const { items } = call.request
  let number = 0
  const write = (): void => {
    while (number < items) if (!call.write(message(number++))) return
    call.end()
  }
  call.on("drain", write)
  write()
}

const secured = process.argv.includes("--tls")
const pair = { private_key: readFileSync(certificate.key), cert_chain: readFileSync(certificate.cert) }
const credentials = secured ? ServerCredentials.createSsl(null, [pair]) : ServerCredentials.createInsecure()
server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
  if (error !== null) throw error
  console.log(`listening on ${port}`)
})
process.once("SIGTERM", () => server.forceShutdown())
process.on("SIGUSR2", () => globalThis.gc?.())
