import { setTimeout as sleep } from "node:timers/promises"
import type { MessageInitShape } from "@bufbuild/protobuf"
import { fromBinary } from "@farcall/protobuf"
import {
  type CallOptions,
  type Channel,
  type Client,
  createClient,
  type MessageCodec,
  Metadata,
  type RequestWriter,
  StatusError,
  type StreamingCallBase,
} from "farcall"
import {
  BidiStreamRequestCodec,
  ClientStreamRequestCodec,
  IdempotentUnaryRequestCodec,
  ServerStreamRequestCodec,
  UnaryRequestCodec,
  UnimplementedRequestCodec,
} from "./gen/connectrpc/conformance/v1/conformance_codec.js"
import { ConformanceService } from "./gen/connectrpc/conformance/v1/conformance_grpc.js"
import {
  type ClientCompatRequest,
  type ClientResponseResultSchema,
  Compression,
  type ConformancePayload,
  StreamType,
} from "./gen/connectrpc/conformance/v1/conformance_pb.js"
import { toHeaders, toMetadata } from "./headers.js"

export type Result = MessageInitShape<typeof ClientResponseResultSchema>

/** What came of a call, as far as it is known. */
class Outcome {
  headers: Metadata = new Metadata()
  trailers: Metadata = new Metadata()
  readonly payloads: (ConformancePayload | Record<string, never>)[] = []
  error: StatusError | undefined
  unsent = 0

  add(payload: ConformancePayload | undefined): void {
    this.payloads.push(payload ?? {})
  }

  fail(error: unknown): void {
    this.error ??= error instanceof StatusError ? error : new StatusError("UNKNOWN", String(error))
  }

  get result(): Result {
    const { error } = this
    return {
      responseHeaders: toHeaders(this.headers),
      responseTrailers: toHeaders(this.trailers),
      payloads: this.payloads,
      numUnsentRequests: this.unsent,
      ...(error && {
        error: {
          code: error.codeNumber,
          message: error.message,
          details: error.details.map(({ typeUrl, value }) => ({ typeUrl, value })),
        },
      }),
    }
  }
}

/** @throws Error when there is no such call to make */
export async function makeCall(request: ClientCompatRequest, channel: Channel): Promise<Result> {
  const { service, method } = request
  if (service !== undefined && service !== ConformanceService.typeName) throw new Error(`no service ${service}`)
  const client = createClient(ConformanceService, channel)
  const outcome = new Outcome()
  const controller = new AbortController()
  const options: CallOptions = {
    metadata: toMetadata(request.requestHeaders),
    timeoutMs: request.timeoutMs,
    compression: request.compression === Compression.GZIP ? "gzip" : undefined,
    signal: controller.signal,
    onHeader: (headers) => {
      outcome.headers = headers
    },
    onTrailer: (trailers) => {
      outcome.trailers = trailers
    },
  }
  try {
    const play = plays.get(method ?? "")
    if (play === undefined) throw new Error(`no method ${method}`)
    await play(client, request, options, () => controller.abort(), outcome)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    outcome.fail(error)
  }
  return outcome.result
}

type ConformanceClient = Client<typeof ConformanceService>

/** Makes the call that a request asks for; `cancel` is what cancels it. */
type Play = (
  client: ConformanceClient,
  request: ClientCompatRequest,
  options: CallOptions,
  cancel: () => void,
  outcome: Outcome,
) => Promise<void>

const unary: Play = async (client, request, options, cancel, outcome) => {
  const { method, requestMessages } = request
  const [first] = requestMessages
  const bytes = first!.value
  const response =
    method === "Unary"
      ? client.unary(fromBinary(UnaryRequestCodec, bytes), options)
      : method === "IdempotentUnary"
        ? client.idempotentUnary(fromBinary(IdempotentUnaryRequestCodec, bytes), options)
        : client.unimplemented(fromBinary(UnimplementedRequestCodec, bytes), options)
  void cancelAfterClose(request, cancel)
  const reply = await response
  outcome.add("payload" in reply ? reply.payload : undefined)
}

const clientStream: Play = async (client, request, options, cancel, outcome) => {
  const call = client.clientStream(options)
  for await (const message of paced(request, ClientStreamRequestCodec, call, outcome)) await call.write(message)
  await endRequests(request, call, cancel)
  outcome.add((await call.response).payload)
}

const serverStream: Play = async (client, request, options, cancel, outcome) => {
  const [first] = request.requestMessages
  const call = client.serverStream(fromBinary(ServerStreamRequestCodec, first!.value), options)
  void cancelAfterClose(request, cancel)
  for await (const { payload } of call) addAndCancel(request, payload, cancel, outcome)
}

const bidiStream: Play = async (client, request, options, cancel, outcome) => {
  const call = client.bidiStream(options)
  const responses = call[Symbol.asyncIterator]()
  const fullDuplex = request.streamType === StreamType.FULL_DUPLEX_BIDI_STREAM
  let over = false
  const takeOne = async (): Promise<void> => {
    const { done, value } = await responses.next()
    over = done === true
    if (!over) addAndCancel(request, value.payload, cancel, outcome)
  }
  for await (const message of paced(request, BidiStreamRequestCodec, call, outcome)) {
    await call.write(message)
    if (fullDuplex && !over) await takeOne()
  }
  await endRequests(request, call, cancel)
  while (!over) await takeOne()
}

const plays: ReadonlyMap<string, Play> = new Map([
  ["Unary", unary],
  ["IdempotentUnary", unary],
  ["Unimplemented", unary],
  ["ClientStream", clientStream],
  ["ServerStream", serverStream],
  ["BidiStream", bidiStream],
])

/** The requests of a stream, each after its delay, until the call is over; those left then are counted. */
async function* paced<Request>(
  request: ClientCompatRequest,
  codec: MessageCodec<Request, never>,
  call: StreamingCallBase,
  outcome: Outcome,
): AsyncGenerator<Request, void, undefined> {
  let over = false
  void call.status.then(() => {
    over = true
  })
  let left = request.requestMessages.length
  for (const { value } of request.requestMessages) {
    await sleep(request.requestDelayMs)
    if (over) {
      outcome.unsent = left
      return
    }
    left--
    yield fromBinary(codec as unknown as MessageCodec<Request>, value)
  }
}

async function endRequests(
  request: ClientCompatRequest,
  call: Pick<RequestWriter<never>, "end">,
  cancel: () => void,
): Promise<void> {
  if (request.cancel?.cancelTiming.case === "beforeCloseSend") {
    cancel()
    return
  }
  call.end()
  await cancelAfterClose(request, cancel)
}

async function cancelAfterClose(request: ClientCompatRequest, cancel: () => void): Promise<void> {
  const timing = request.cancel?.cancelTiming
  if (timing === undefined || timing.case === "afterNumResponses" || timing.case === "beforeCloseSend") return
  await sleep(timing.case === "afterCloseSendMs" ? timing.value : 0)
  cancel()
}

function addAndCancel(
  request: ClientCompatRequest,
  payload: ConformancePayload | undefined,
  cancel: () => void,
  outcome: Outcome,
): void {
  outcome.add(payload)
  const timing = request.cancel?.cancelTiming
  if (timing?.case === "afterNumResponses" && timing.value === outcome.payloads.length) cancel()
}
