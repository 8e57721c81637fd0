import type {
  DescMessage,
  DescMethod,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@farcall/protobuf/schema-codec"
import { withReason } from "../core/reason.js"
import type { ByteSink, MessageCodec, MethodDefinition, MethodKind, ServiceDefinition } from "../core/service.js"

/**
 * A service as protoc-gen-es describes it (`GenService`), or as a registry of `@bufbuild/protobuf` has it: there are
 * schemas of its messages, and no codecs. Its messages go through `@bufbuild/protobuf`'s own codec.
 */
export type DescribedService = DescService

/** A service in either form: as `farcall generate` defines it, or as protoc-gen-es describes it. */
export type AnyService = ServiceDefinition | DescribedService

/** The methods of a service, by the names by which programs call them. */
export type MethodsOf<Service extends AnyService> = Service extends DescribedService
  ? DefinitionOf<Service>["methods"]
  : Service extends ServiceDefinition
    ? Service["methods"]
    : never

/** What `createClient` and `server.add` make of it. */
export type DefinitionOf<Service extends DescribedService> = ServiceDefinition<{
  [Name in keyof Service["method"]]: DescribedMethod<Service["method"][Name]>
}>

type DescribedMethod<Method extends DescMethod> = MethodDefinition<
  KindOf[Method["methodKind"]],
  MessageShape<Method["input"]>,
  MessageInitShape<Method["input"]>,
  MessageShape<Method["output"]>,
  MessageInitShape<Method["output"]>
>

interface KindOf {
  unary: "unary"
  client_streaming: "clientStreaming"
  server_streaming: "serverStreaming"
  bidi_streaming: "bidiStreaming"
}

/**
 * Tells the two descriptions of a service apart by what they have.
 * @throws TypeError for what is neither
 */
export function isDescribed(service: ServiceDefinition | DescribedService): service is DescribedService {
  const given: Partial<AnyService> | undefined | null = service
  if (typeof given?.typeName !== "string" || typeof given.methods !== "object") {
    throw withReason(
      "FARCALL_BAD_SERVICE",
      new TypeError(
        `${given === undefined || given === null ? given : `a value of type ${typeof given}`} is no service: ` +
          "what `farcall generate` writes to x_grpc exports one for each service of x.proto",
      ),
    )
  }
  return Array.isArray(service.methods)
}

/** The definition of a described service, always the same one. Its codecs work once `codecsLoaded` has resolved. */
export function definitionOf<Service extends DescribedService>(service: Service): DefinitionOf<Service> {
  let definition = definitions.get(service)
  if (definition === undefined) {
    definition = { typeName: service.typeName, methods: methodsOf(service), descriptor: async () => service }
    definitions.set(service, definition)
  }
  return definition as DefinitionOf<Service>
}

const definitions: WeakMap<DescribedService, ServiceDefinition> = new WeakMap()

function methodsOf(service: DescribedService): ServiceDefinition["methods"] {
  // Whatever rpcs are called: nothing is inherited, and nothing is a setter.
  const methods: Record<string, MethodDefinition<MethodKind, unknown, unknown, unknown, unknown>> = Object.create(null)
  for (const method of service.methods) {
    let name = method.localName
    // Two rpcs whose names differ only in capitals are one in protobuf-es.
    while (name in methods) name += "$"
    methods[name] = {
      name: method.name,
      path: `/${service.typeName}/${method.name}`,
      kind: kinds[method.methodKind],
      input: new LateCodec(method.input),
      output: new LateCodec(method.output),
      idempotency: idempotencyLevels[method.idempotency],
      deprecated: method.deprecated,
    }
  }
  return methods
}

const kinds: { readonly [Kind in keyof KindOf]: KindOf[Kind] } = {
  unary: "unary",
  client_streaming: "clientStreaming",
  server_streaming: "serverStreaming",
  bidi_streaming: "bidiStreaming",
}

/** By the numbers of `google.protobuf.MethodOptions.IdempotencyLevel`. */
const idempotencyLevels = [undefined, "NO_SIDE_EFFECTS", "IDEMPOTENT"] as const

let codecModule: typeof import("@farcall/protobuf/schema-codec") | undefined
let loading: Promise<void> | undefined

/**
 * Loads `@bufbuild/protobuf`'s codec, which programs with generated codecs never need. `undefined`: it is there already.
 * The promise rejects when it cannot be loaded.
 */
export function codecsLoaded(): Promise<void> | undefined {
  if (codecModule !== undefined) return undefined
  loading ??= import("@farcall/protobuf/schema-codec").then((module) => {
    codecModule = module
  })
  return loading
}

/** A codec that is there before what it is made of. */
class LateCodec implements MessageCodec<unknown, unknown> {
  readonly typeName: string
  readonly #schema: DescMessage
  #codec: MessageCodec<unknown, unknown> | undefined

  constructor(schema: DescMessage) {
    this.typeName = schema.typeName
    this.#schema = schema
  }

  encode(message: unknown, sink: ByteSink, position: number): number {
    return this.#loaded().encode(message, sink, position)
  }

  decode(bytes: Uint8Array, start: number, stop: number, owned?: boolean): unknown {
    return this.#loaded().decode(bytes, start, stop, owned)
  }

  #loaded(): MessageCodec<unknown, unknown> {
    if (this.#codec !== undefined) return this.#codec
    if (codecModule === undefined)
      throw withReason("FARCALL_CODEC_MISSING", new Error("the codec of @bufbuild/protobuf is not loaded"))
    this.#codec = codecModule.schemaCodec(this.#schema) as MessageCodec<unknown, unknown>
    return this.#codec
  }
}
