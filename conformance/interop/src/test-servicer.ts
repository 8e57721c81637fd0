import { setTimeout } from "node:timers/promises"
import { type ServerContext, type Servicer, StatusError } from "farcall"
import { account } from "./account.js"
import type { TestService } from "./gen/grpc/testing/test_grpc.js"
import type {
  BoolValue,
  EchoStatus,
  ResponseParameters,
  StreamingOutputCallResponse,
} from "./gen/grpc/testing/test_pb.js"
import { PayloadType } from "./gen/grpc/testing/test_pb.js"

/** What gRPC's interoperability clients call: all that the service describes, but for the method that no server has. */
export const testServicer: Omit<Servicer<typeof TestService>, "unimplementedCall"> = {
  emptyCall: () => ({}),

  unaryCall(request, context) {
    echoMetadata(context)
    expectCompression(request.expectCompressed, context)
    echoStatus(request.responseStatus)
    if (request.responseCompressed?.value === true) context.compression = "gzip"
    const known = context.metadata.get("authorization") === `Bearer ${account.access_token}`
    return {
      payload: zeros(request.responseType, request.responseSize),
      username: known && request.fillUsername ? account.client_email : "",
      oauthScope: known && request.fillOauthScope ? account.scope : "",
    }
  },

  streamingOutputCall: ({ responseType, responseParameters }, context) =>
    responses(responseType, responseParameters, context),

  async streamingInputCall(requests, context) {
    let aggregatedPayloadSize = 0
    for await (const { payload, expectCompressed } of requests) {
      expectCompression(expectCompressed, context)
      aggregatedPayloadSize += payload?.body.length ?? 0
    }
    return { aggregatedPayloadSize }
  },

  async *fullDuplexCall(requests, context) {
    echoMetadata(context)
    for await (const { responseType, responseParameters, responseStatus } of requests) {
      echoStatus(responseStatus)
      yield* responses(responseType, responseParameters, context)
    }
  },

  async *halfDuplexCall(requests, context) {
    const all = []
    for await (const request of requests) all.push(request)
    for (const { responseType, responseParameters } of all) yield* responses(responseType, responseParameters, context)
  },
}

/** One response for each that is wanted. */
async function* responses(
  type: PayloadType,
  parameters: readonly ResponseParameters[],
  context: ServerContext,
): AsyncGenerator<Pick<StreamingOutputCallResponse, "payload">> {
  if (parameters.some(({ compressed }) => compressed?.value === true)) context.compression = "gzip"
  for (const { size, intervalUs, compressed } of parameters) {
    if (intervalUs > 0) await setTimeout(intervalUs / 1_000, undefined, { signal: context.signal })
    context.compressMessages = compressed?.value === true
    yield { payload: zeros(type, size) }
  }
}

function zeros(type: PayloadType, size: number): NonNullable<StreamingOutputCallResponse["payload"]> {
  if (type !== PayloadType.COMPRESSABLE)
    throw new StatusError("INVALID_ARGUMENT", `there is no payload of type ${type}`)
  if (size < 0) throw new StatusError("INVALID_ARGUMENT", `a payload cannot have ${size} bytes`)
  return { $typeName: "grpc.testing.Payload", type, body: new Uint8Array(size) }
}

function echoMetadata({ metadata, responseHeaders, responseTrailers }: ServerContext): void {
  const [initial, trailing] = ["x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"] as const
  for (const value of metadata.getAll(initial)) responseHeaders.append(initial, value)
  for (const value of metadata.getAll(trailing)) responseTrailers.append(trailing, value)
}

function echoStatus(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== 0) throw StatusError.fromWire(status.code, status.message)
}

function expectCompression(expected: BoolValue | undefined, { requestCompressed }: ServerContext): void {
  if (expected === undefined || expected.value === requestCompressed) return
  throw new StatusError("INVALID_ARGUMENT", `the request came ${requestCompressed ? "compressed" : "as it is"}`)
}
