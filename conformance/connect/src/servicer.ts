import { setTimeout as sleep } from "node:timers/promises"
import { toBinary } from "@farcall/protobuf"
import { type MessageCodec, type ServerContext, type StatusDetail, StatusError, statusCodeOf } from "farcall"
import {
  BidiStreamRequestCodec,
  ClientStreamRequestCodec,
  ConformancePayload_RequestInfoCodec,
  IdempotentUnaryRequestCodec,
  ServerStreamRequestCodec,
  UnaryRequestCodec,
} from "./gen/connectrpc/conformance/v1/conformance_codec.js"
import type { ConformanceServiceServicer } from "./gen/connectrpc/conformance/v1/conformance_grpc.js"
import type {
  BidiStreamRequest,
  ConformancePayload_RequestInfo,
  Error as ErrorDefinition,
  StreamResponseDefinition,
  UnaryResponseDefinition,
} from "./gen/connectrpc/conformance/v1/conformance_pb.js"
import { toHeaders, toMetadata } from "./headers.js"

const packageName = "connectrpc.conformance.v1"
const none = new Uint8Array(0)

type RequestInfo = Pick<ConformancePayload_RequestInfo, "requestHeaders" | "requests" | "timeoutMs">

/** Answers as each request says it is to be answered, and tells what it saw of the request. */
export const servicer: Partial<ConformanceServiceServicer> = {
  unary: async (request, context) => ({
    payload: await answer(request.responseDefinition, infoOf(context, UnaryRequestCodec, [request]), context),
  }),

  idempotentUnary: async (request, context) => ({
    payload: await answer(request.responseDefinition, infoOf(context, IdempotentUnaryRequestCodec, [request]), context),
  }),

  async clientStream(requests, context) {
    const info = infoOf(context, ClientStreamRequestCodec, [])
    let definition: UnaryResponseDefinition | undefined
    for await (const request of requests) {
      if (info.requests.length === 0) definition = request.responseDefinition
      info.requests.push(anyOf(ClientStreamRequestCodec, request))
    }
    return { payload: await answer(definition, info, context) }
  },

  async *serverStream(request, context) {
    const info = infoOf(context, ServerStreamRequestCodec, [request])
    const { responseDefinition: definition } = request
    begin(definition, context)
    let first = true
    for (const data of definition?.responseData ?? []) {
      await sleep(definition!.responseDelayMs)
      yield { payload: { data, requestInfo: first ? info : undefined } }
      first = false
    }
    finish(definition?.error, first ? info : undefined)
  },

  async *bidiStream(requests, context) {
    const info = infoOf(context, BidiStreamRequestCodec, [])
    let definition: StreamResponseDefinition | undefined
    let fullDuplex = false
    let came = 0
    let sent = 0
    const next = (): { payload: { data: Uint8Array; requestInfo: RequestInfo | undefined } } => {
      const data = definition!.responseData[sent]!
      // All that is known with the first response; with a later one of a conversation what has come since.
      const requestInfo =
        sent === 0 ? info : fullDuplex ? { ...info, requestHeaders: [], timeoutMs: undefined } : undefined
      sent++
      return { payload: { data, requestInfo } }
    }
    for await (const request of requests) {
      if (came++ === 0) {
        definition = request.responseDefinition
        fullDuplex = request.fullDuplex
        begin(definition, context)
      }
      if (fullDuplex) info.requests = []
      info.requests.push(anyOf<BidiStreamRequest>(BidiStreamRequestCodec, request))
      if (!fullDuplex) continue
      if (sent >= (definition?.responseData.length ?? 0)) break
      await sleep(definition!.responseDelayMs)
      yield next()
    }
    while (definition !== undefined && sent < definition.responseData.length) {
      await sleep(definition.responseDelayMs)
      yield next()
    }
    finish(definition?.error, sent === 0 ? info : undefined)
  },
}

async function answer(
  definition: UnaryResponseDefinition | undefined,
  info: RequestInfo,
  context: ServerContext,
): Promise<{ data: Uint8Array; requestInfo: RequestInfo }> {
  if (definition === undefined) return { data: none, requestInfo: info }
  toMetadata(definition.responseHeaders, context.responseHeaders)
  toMetadata(definition.responseTrailers, context.responseTrailers)
  await sleep(definition.responseDelayMs)
  const { response } = definition
  if (response.case === "error") finish(response.value, info)
  return { data: response.case === "responseData" ? response.value : none, requestInfo: info }
}

/** Headers go out before the first message is due, unless a status is all that there will be. */
function begin(definition: StreamResponseDefinition | undefined, context: ServerContext): void {
  if (definition === undefined) return
  toMetadata(definition.responseHeaders, context.responseHeaders)
  toMetadata(definition.responseTrailers, context.responseTrailers)
  if (definition.responseData.length > 0) context.sendHeaders()
}

/** @param info goes along when no message has told it */
function finish(error: ErrorDefinition | undefined, info: RequestInfo | undefined): void {
  if (error === undefined) return
  const code = statusCodeOf(error.code)
  if (code === "OK") throw new TypeError("an error with the code OK")
  const details: StatusDetail[] = error.details.map(({ typeUrl, value }) => ({ typeUrl, value }))
  if (info !== undefined) {
    const value = toBinary(ConformancePayload_RequestInfoCodec, info)
    details.push({ typeUrl: `type.googleapis.com/${packageName}.ConformancePayload.RequestInfo`, value })
  }
  throw new StatusError(code, error.message ?? "", { details })
}

function infoOf<Request>(
  context: ServerContext,
  codec: MessageCodec<Request, never>,
  requests: readonly Request[],
): RequestInfo {
  const { remainingMs } = context
  return {
    requestHeaders: toHeaders(context.metadata) as RequestInfo["requestHeaders"],
    timeoutMs: remainingMs === Number.POSITIVE_INFINITY ? undefined : BigInt(Math.round(remainingMs)),
    requests: requests.map((request) => anyOf(codec, request)),
  }
}

function anyOf<Request>(codec: MessageCodec<Request, never>, request: Request): RequestInfo["requests"][number] {
  const value = toBinary(codec as unknown as MessageCodec<Request>, request)
  return { typeUrl: `type.googleapis.com/${codec.typeName}`, value } as RequestInfo["requests"][number]
}
