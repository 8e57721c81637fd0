import { readFileSync } from "node:fs"
import {
  CallCredentials,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  compressionAlgorithms,
  Metadata,
  type ServiceClientConstructor,
  status,
} from "@grpc/grpc-js"
import { expectEqual } from "../expectations.js"
import type { ClientFlags } from "../flags.js"
import { soak } from "../soak.js"
import { type AnyClient, clientStreaming, collect, expectFailure, send, unary, within } from "./calls.js"
import {
  type InputResponse,
  type OutputResponse,
  type Payload,
  type SimpleResponse,
  TestService,
  UnimplementedService,
} from "./test-service.js"

/** Makes a client with a connection of its own. */
export type Connect = (Service: ServiceClientConstructor, options?: ClientOptions) => AnyClient

/** Plays one case. @throws Error when it went otherwise than it should */
export type PlayCase = (connect: Connect, flags: ClientFlags) => Promise<void>

const requestSize = 271_828
const responseSize = 314_159
const requestSizes = [27_182, 8, 1_828, 45_904]
const responseSizes = [31_415, 9, 2_653, 58_979]

/** `WriteFlags.NoCompress`, which grpc-js does not export. */
const noCompress = 2

type Duplex = ClientDuplexStream<object, OutputResponse>

/**
 * gRPC's interoperability test cases. grpc-js does not tell a client whether a response came compressed: the cases
 * server_compressed_unary and _streaming see to the payloads alone.
 */
export const cases: ReadonlyMap<string, PlayCase> = new Map(
  Object.entries({
    empty_unary: on(async (client) => {
      expectEqual("the response", (await unary(client, "emptyCall", {})).response, {})
    }),

    large_unary: on((client) => largeUnary(client, requestSize, responseSize)),

    client_streaming: on(async (client) => {
      const requests = requestSizes.map((size) => ({ payload: zeros(size) }))
      const answer = await clientStreaming<InputResponse>(client, "streamingInputCall", (call) => send(call, requests))
      expectEqual("aggregatedPayloadSize", answer.aggregatedPayloadSize, 74_922)
    }),

    server_streaming: on((client) => expectOutput(client, responseSizes, {})),

    ping_pong: on(async (client) => {
      const call = duplex(client)
      const responses = call[Symbol.asyncIterator]() as AsyncIterator<OutputResponse>
      for (const [i, size] of responseSizes.entries()) {
        call.write({ responseParameters: [{ size }], payload: zeros(requestSizes[i]!) })
        expectZeros((await responses.next()).value.payload, size)
      }
      call.end()
      expectEqual("the end of the stream", (await responses.next()).done, true)
    }),

    empty_stream: on(async (client) => {
      const call = duplex(client)
      call.end()
      expectEqual("responses", await collect(call), [])
    }),

    timeout_on_sleeping_server: on(async (client) => {
      const call = duplex(client, { deadline: Date.now() + 1 })
      call.write({ payload: zeros(27_182) })
      await expectFailure(status.DEADLINE_EXCEEDED, () => collect(call))
    }),

    cancel_after_begin: on(async (client) => {
      const cancelled = (): Promise<unknown> => clientStreaming(client, "streamingInputCall", (call) => call.cancel())
      await expectFailure(status.CANCELLED, cancelled)
    }),

    cancel_after_first_response: on(async (client) => {
      const call = duplex(client)
      const responses = call[Symbol.asyncIterator]() as AsyncIterator<OutputResponse>
      call.write({ responseParameters: [{ size: 31_415 }], payload: zeros(27_182) })
      expectZeros((await responses.next()).value.payload, 31_415)
      call.cancel()
      await expectFailure(status.CANCELLED, () => responses.next())
    }),

    status_code_and_message: on(async (client) => {
      const responseStatus = { code: 2, message: "test status message" }
      const single = await expectFailure(status.UNKNOWN, () => unary(client, "unaryCall", { responseStatus }))
      expectEqual("the message of UnaryCall", single.details, responseStatus.message)
      const call = duplex(client)
      send(call, [{ responseStatus }])
      const stream = await expectFailure(status.UNKNOWN, () => collect(call))
      expectEqual("the message of FullDuplexCall", stream.details, responseStatus.message)
    }),

    special_status_message: on(async (client) => {
      const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
      const call = (): Promise<unknown> => unary(client, "unaryCall", { responseStatus: { code: 2, message } })
      expectEqual("the message", (await expectFailure(status.UNKNOWN, call)).details, message)
    }),

    custom_metadata: on(async (client) => {
      const metadata = new Metadata()
      metadata.set("x-grpc-test-echo-initial", "test_initial_metadata_value")
      metadata.set("x-grpc-test-echo-trailing-bin", Buffer.from([0xab, 0xab, 0xab]))
      const request = { responseSize, payload: zeros(requestSize) }
      const single = await unary<SimpleResponse>(client, "unaryCall", request, {}, metadata)
      expectZeros(single.response.payload, responseSize)
      expectEchoes(single.headers, single.trailers)

      const call = client["fullDuplexCall"]!(metadata, within()) as Duplex
      let [headers, trailers] = [new Metadata(), new Metadata()]
      call.on("metadata", (came) => (headers = came))
      const ended = new Promise<void>((resolve) =>
        call.on("status", (came) => {
          trailers = came.metadata
          resolve()
        }),
      )
      send(call, [{ responseParameters: [{ size: responseSize }], payload: zeros(requestSize) }])
      expectZeros((await collect<OutputResponse>(call))[0]?.payload, responseSize)
      await ended
      expectEchoes(headers, trailers)
    }),

    unimplemented_method: on(async (client) => {
      await expectFailure(status.UNIMPLEMENTED, () => unary(client, "unimplementedCall", {}))
    }),

    unimplemented_service: on(async (stranger) => {
      await expectFailure(status.UNIMPLEMENTED, () => unary(stranger, "unimplementedCall", {}))
    }, UnimplementedService),

    /** Not with a token of Google's, as in their cloud, but with one that the key file holds. */
    per_rpc_creds: on(async (client, { service_account_key_file, oauth_scope }) => {
      const account = JSON.parse(readFileSync(service_account_key_file, "utf8"))
      const credentials = CallCredentials.createFromMetadataGenerator((_options, done) => {
        const metadata = new Metadata()
        metadata.set("authorization", `Bearer ${account.access_token}`)
        done(null, metadata)
      })
      const request = { fillUsername: true, fillOauthScope: true }
      const { response } = await unary<SimpleResponse>(client, "unaryCall", request, { credentials })
      expectEqual("username", response.username, account.client_email)
      expectEqual("oauthScope", response.oauthScope, oauth_scope)
    }),

    client_compressed_unary: compressing(async (client, plain) => {
      const call = async (to: AnyClient, value: boolean): Promise<void> => {
        const request = { expectCompressed: { value }, responseSize, payload: zeros(requestSize) }
        expectZeros((await unary<SimpleResponse>(to, "unaryCall", request)).response.payload, responseSize)
      }
      await expectFailure(status.INVALID_ARGUMENT, () => call(plain, true))
      await call(client, true)
      await call(plain, false)
    }),

    server_compressed_unary: on(async (client) => {
      for (const value of [true, false]) {
        const request = { responseCompressed: { value }, responseSize, payload: zeros(requestSize) }
        expectZeros((await unary<SimpleResponse>(client, "unaryCall", request)).response.payload, responseSize)
      }
    }),

    client_compressed_streaming: compressing(async (client, plain) => {
      const first = { expectCompressed: { value: true }, payload: zeros(27_182) }
      const second = { expectCompressed: { value: false }, payload: zeros(45_904) }
      const probe = (): Promise<unknown> => clientStreaming(plain, "streamingInputCall", (call) => send(call, [first]))
      await expectFailure(status.INVALID_ARGUMENT, probe)
      const answer = await clientStreaming<InputResponse>(client, "streamingInputCall", (call) => {
        // Not by `write`: Node's streams refuse the flags that grpc-js takes in place of an encoding.
        const last = { flags: noCompress, callback: () => call.end() }
        call.write(first, () => call.call!.sendMessageWithContext(last, second))
      })
      expectEqual("aggregatedPayloadSize", answer.aggregatedPayloadSize, 73_086)
    }),

    server_compressed_streaming: on((client) => expectOutput(client, [31_415, 92_653], { compressed: true })),

    rpc_soak: on((client, flags) => soak(flags, (request, response) => largeUnary(client, request, response))),

    channel_soak: (connect, flags) =>
      soak(flags, (request, response) => on((client) => largeUnary(client, request, response))(connect, flags)),
  } satisfies Record<string, PlayCase>),
)

/** A case on one client, which is closed after it. */
function on(play: (client: AnyClient, flags: ClientFlags) => Promise<void>, Service = TestService): PlayCase {
  return async (connect, flags) => {
    const client = connect(Service)
    try {
      await play(client, flags)
    } finally {
      client.close()
    }
  }
}

/** A case on a client that compresses, and one that does not. */
function compressing(play: (client: AnyClient, plain: AnyClient) => Promise<void>): PlayCase {
  return async (connect) => {
    const client = connect(TestService, { "grpc.default_compression_algorithm": compressionAlgorithms.gzip })
    const plain = connect(TestService)
    try {
      await play(client, plain)
    } finally {
      client.close()
      plain.close()
    }
  }
}

function duplex(client: AnyClient, options = within()): Duplex {
  return client["fullDuplexCall"]!(new Metadata(), options) as Duplex
}

async function largeUnary(client: AnyClient, size: number, responseSize: number): Promise<void> {
  const request = { responseSize, payload: zeros(size) }
  expectZeros((await unary<SimpleResponse>(client, "unaryCall", request)).response.payload, responseSize)
}

/** Asks for responses of these sizes; with `compressed`, for all but the last one compressed. */
async function expectOutput(client: AnyClient, sizes: readonly number[], { compressed = false }): Promise<void> {
  const responseParameters = sizes.map((size, i) =>
    compressed ? { size, compressed: { value: i < sizes.length - 1 } } : { size },
  )
  const call = client["streamingOutputCall"]!({ responseParameters }, new Metadata(), within())
  const responses = await collect<OutputResponse>(call as ClientReadableStream<OutputResponse>)
  expectEqual("responses", responses.length, sizes.length)
  for (const [i, { payload }] of responses.entries()) expectZeros(payload, sizes[i]!)
}

function zeros(size: number): Payload {
  return { body: Buffer.alloc(size) }
}

function expectZeros(payload: Payload | null | undefined, size: number): void {
  const body = payload?.body ?? Buffer.alloc(0)
  expectEqual("bytes of the response's payload", body.length, size)
  if (!body.equals(Buffer.alloc(size))) throw new Error("the response's payload is not all zeros")
}

function expectEchoes(headers: Metadata, trailers: Metadata): void {
  expectEqual("the header", headers.get("x-grpc-test-echo-initial"), ["test_initial_metadata_value"])
  const trailing = trailers.get("x-grpc-test-echo-trailing-bin").map((value) => (value as Buffer).toString("hex"))
  expectEqual("the trailer", trailing, ["ababab"])
}
