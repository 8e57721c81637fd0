import { readFileSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from "@grpc/grpc-js"
import { account } from "../account.js"
import { serverFlags } from "../flags.js"
import {
  type EchoStatus,
  type InputRequest,
  type InputResponse,
  type OutputRequest,
  type OutputResponse,
  type SimpleRequest,
  type SimpleResponse,
  TestService,
} from "./test-service.js"

// gRPC's interoperability server on grpc-js, which neither compresses responses nor tells a handler whether a request
// came compressed. SIGINT and SIGTERM end it.

const { port, use_tls, tls_cert_file, tls_key_file } = serverFlags(process.argv.slice(2))
const server = new Server()
server.addService(TestService.service, {
  emptyCall: (_call: unknown, callback: sendUnaryData<object>) => callback(null, {}),
  unaryCall,
  streamingOutputCall,
  streamingInputCall,
  fullDuplexCall,
  halfDuplexCall,
})
const credentials = use_tls
  ? ServerCredentials.createSsl(null, [
      { cert_chain: readFileSync(tls_cert_file), private_key: readFileSync(tls_key_file) },
    ])
  : ServerCredentials.createInsecure()
server.bindAsync(`[::]:${port}`, credentials, (error, bound) => {
  if (error !== null) throw error
  console.log(`Server started, listening on ${bound}`)
})
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.forceShutdown())

function unaryCall(call: ServerUnaryCall<SimpleRequest, SimpleResponse>, reply: sendUnaryData<SimpleResponse>): void {
  const { request, metadata } = call
  const trailers = echoMetadata(call)
  if (hasEnd(request.responseStatus)) {
    const { code, message } = request.responseStatus
    reply({ code, details: message, metadata: trailers })
    return
  }
  const known = metadata.get("authorization")[0] === `Bearer ${account.access_token}`
  const response = {
    payload: { body: Buffer.alloc(request.responseSize) },
    username: known && request.fillUsername ? account.client_email : "",
    oauthScope: known && request.fillOauthScope ? account.scope : "",
  }
  reply(null, response, trailers)
}

async function streamingOutputCall(call: ServerWritableStream<OutputRequest, OutputResponse>): Promise<void> {
  await respond(call, call.request)
  call.end()
}

function streamingInputCall(
  call: ServerReadableStream<InputRequest, InputResponse>,
  reply: sendUnaryData<InputResponse>,
): void {
  let aggregatedPayloadSize = 0
  call.on("data", ({ payload }: InputRequest) => (aggregatedPayloadSize += payload?.body.length ?? 0))
  call.on("end", () => reply(null, { aggregatedPayloadSize }))
}

/** Answers each request with the responses that it wants. */
function fullDuplexCall(call: Duplex): void {
  const trailers = echoMetadata(call)
  let answered: Promise<unknown> = Promise.resolve()
  call.on("data", (request: OutputRequest) => {
    if (hasEnd(request.responseStatus)) {
      const { code, message } = request.responseStatus
      call.emit("error", { code, details: message, metadata: trailers })
    } else answered = answered.then(() => respond(call, request))
  })
  call.on("end", () => void answered.then(() => call.end(trailers)))
}

/** Answers all requests, once they are all there. */
function halfDuplexCall(call: Duplex): void {
  const requests: OutputRequest[] = []
  call.on("data", (request: OutputRequest) => requests.push(request))
  call.on("end", async () => {
    for (const request of requests) await respond(call, request)
    call.end()
  })
}

async function respond(call: { write(response: OutputResponse): boolean }, request: OutputRequest): Promise<void> {
  for (const { size, intervalUs } of request.responseParameters) {
    if (intervalUs > 0) await setTimeout(intervalUs / 1_000)
    call.write({ payload: { body: Buffer.alloc(size) } })
  }
}

function hasEnd(status: EchoStatus | null): status is EchoStatus {
  return status !== null && status.code !== 0
}

/** Sends the headers that are to come back, and returns the trailers that are. */
function echoMetadata(call: MetadataOfCall): Metadata {
  const { metadata } = call
  const [headers, trailers] = [new Metadata(), new Metadata()]
  for (const value of metadata.get("x-grpc-test-echo-initial")) headers.add("x-grpc-test-echo-initial", value)
  for (const value of metadata.get("x-grpc-test-echo-trailing-bin")) {
    trailers.add("x-grpc-test-echo-trailing-bin", value)
  }
  call.sendMetadata(headers)
  return trailers
}

type Duplex = ServerDuplexStream<OutputRequest, OutputResponse>

interface MetadataOfCall {
  readonly metadata: Metadata
  sendMetadata(headers: Metadata): void
}
