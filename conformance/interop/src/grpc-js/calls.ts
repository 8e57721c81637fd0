import type { Readable, Writable } from "node:stream"
import {
  type CallOptions,
  type ClientUnaryCall,
  type ClientWritableStream,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js"
import { expectEqual } from "../expectations.js"

/** A client of grpc-js: a method for each of the service's. */
export type AnyClient = InstanceType<ServiceClientConstructor>

/** What a call with one response came to. */
export interface Outcome<Response> {
  readonly response: Response
  readonly headers: Metadata
  readonly trailers: Metadata
}

/** No call of a case takes longer, whatever its server does. */
export function within(options: CallOptions = {}): CallOptions {
  return { deadline: Date.now() + 30_000, ...options }
}

/** Calls a unary method. Rejects with the ServiceError. */
export function unary<Response>(
  client: AnyClient,
  method: string,
  request: object,
  options?: CallOptions,
  metadata: Metadata = new Metadata(),
): Promise<Outcome<Response>> {
  return outcome<Response>((done) => client[method]!(request, metadata, within(options), done) as ClientUnaryCall)
}

/** Calls a method that takes a stream of requests; `send` gets the call to write them. Rejects with the ServiceError. */
export function clientStreaming<Response>(
  client: AnyClient,
  method: string,
  send: (call: ClientWritableStream<object>) => void,
): Promise<Response> {
  return outcome<Response>((done) => {
    const call = client[method]!(new Metadata(), within(), done) as ClientWritableStream<object>
    send(call)
    return call as unknown as ClientUnaryCall
  }).then(({ response }) => response)
}

function outcome<Response>(
  begin: (done: (error: ServiceError | null, response: Response) => void) => ClientUnaryCall,
): Promise<Outcome<Response>> {
  return new Promise((resolve, reject) => {
    let [headers, trailers] = [new Metadata(), new Metadata()]
    let answer: Response
    const call = begin((error, response) => (error === null ? (answer = response) : reject(error)))
    call.on("metadata", (came) => (headers = came))
    call.on("status", (ended) => {
      trailers = ended.metadata
      // The answer is told in the same turn as the status, in an order that is not said.
      if (ended.code === status.OK) setImmediate(() => resolve({ response: answer, headers, trailers }))
    })
  })
}

/** All responses of a stream. Rejects with the ServiceError. */
export async function collect<Response>(call: Readable): Promise<Response[]> {
  const found: Response[] = []
  for await (const response of call as AsyncIterable<Response>) found.push(response)
  return found
}

/** Writes all requests and ends them. */
export function send(call: Writable, requests: readonly object[]): void {
  for (const request of requests) call.write(request)
  call.end()
}

/** How a call failed, which must be with this code. */
export async function expectFailure(code: status, call: () => Promise<unknown>): Promise<ServiceError> {
  const error = await call().then(
    () => undefined,
    (reason: ServiceError) => reason,
  )
  if (error === undefined) throw new Error(`the call ended OK, not ${status[code]}`)
  if (error.code === undefined) throw error
  expectEqual("the code", status[error.code], status[code])
  return error
}
