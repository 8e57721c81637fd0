/** The four kinds of call. */
export type MethodKind = "unary" | "clientStreaming" | "serverStreaming" | "bidiStreaming"

/**
 * Where an encoder writes: positions of `buffer` from `start` up to `limit`. An encoder that needs more room exchanges
 * `buffer` for a longer one, with what was written from `start` on at the same offsets.
 */
export interface ByteSink {
  buffer: Uint8Array
  start: number
  limit: number
}

/** How messages of one type become bytes and back. Generated code provides one for each message. */
export interface MessageCodec<Message, Init = Message> {
  /** The message's full name, for instance `helloworld.HelloRequest`. */
  readonly typeName: string
  /**
   * Writes `message` from `position` on and returns the position after its last byte.
   * @throws TypeError or RangeError, naming the field, when a value does not fit it.
   */
  encode(message: Init, sink: ByteSink, position: number): number
  /**
   * Reads the message in `bytes` from `start` up to `stop`. When `owned`, the bytes belong to the message from now on:
   * large fields may be views of them; otherwise what is kept is copied.
   * @throws an Error that says what is wrong and where.
   */
  decode(bytes: Uint8Array, start: number, stop: number, owned?: boolean): Message
}

/** One method of a service, as generated code describes it. */
export interface MethodDefinition<Kind extends MethodKind, Input, InputInit, Output, OutputInit> {
  /** As in the .proto: `SayHello`. */
  readonly name: string
  /** As on the wire: `/helloworld.Greeter/SayHello`. */
  readonly path: string
  readonly kind: Kind
  readonly input: MessageCodec<Input, InputInit>
  readonly output: MessageCodec<Output, OutputInit>
  /** The .proto's `idempotency_level`, when it has one. */
  readonly idempotency?: "NO_SIDE_EFFECTS" | "IDEMPOTENT" | undefined
  /** The .proto says `option deprecated = true`. */
  readonly deprecated?: boolean | undefined
}

/** A method of any kind, whatever its messages are. */
// biome-ignore lint/suspicious/noExplicitAny: a method of any messages
export type AnyMethod = MethodDefinition<MethodKind, any, any, any, any>

/** A service, as generated code describes it; the keys of `methods` are the names by which programs call them. */
export interface ServiceDefinition<Methods extends Record<string, AnyMethod> = Record<string, AnyMethod>> {
  /** The service's full name: `helloworld.Greeter`. */
  readonly typeName: string
  readonly methods: Methods
  /**
   * Loads what `x_pb.ts` says of the service, a `DescService` of `@bufbuild/protobuf`: for reflection, which alone needs
   * it.
   */
  readonly descriptor?: (() => Promise<ServiceDescriptor>) | undefined
}

/** As much of a descriptor as the core knows of. */
interface ServiceDescriptor {
  readonly kind: "service"
  readonly typeName: string
}

/** Whether the client sends a stream of requests. */
export function streamsRequests(kind: MethodKind): boolean {
  return kind === "clientStreaming" || kind === "bidiStreaming"
}

/** Whether the server sends a stream of responses. */
export function streamsResponses(kind: MethodKind): boolean {
  return kind === "serverStreaming" || kind === "bidiStreaming"
}
