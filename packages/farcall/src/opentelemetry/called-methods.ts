import type { Attributes } from "@opentelemetry/api"
import { BytesCodec } from "../core/bytes-codec.js"
import type { AnyMethod } from "../core/service.js"
import type { CalledMethod } from "./call-metrics.js"

/** How spans and their attributes are named: as gRPC's other implementations do, or by the semantic conventions. */
export interface SpanNaming {
  /** `"grpc"`: `Sent.…`, `Attempt.…`, `Recv.…` (gRPC A72); `"rpc"`: the method's name, and no spans of attempts. */
  readonly spans: "grpc" | "rpc"
  /** Which edition of the semantic conventions' attributes. */
  readonly conventions: "stable" | "old"
}

/** What is made once for all calls of a method. */
export interface NamedMethod extends CalledMethod {
  readonly sent: string
  readonly attempt: string
  readonly received: string
  readonly attributes: Attributes
}

/**
 * The methods that calls have come for, each with its names. What nobody has registered (a proxy's methods, paths that a
 * client has thought of) is one method, unless `records` says otherwise: it could be any number.
 */
export class CalledMethods {
  private readonly known = new Map<string, NamedMethod>()
  private readonly naming: SpanNaming
  private readonly records: (method: string) => boolean
  private readonly nobodys: NamedMethod

  constructor(naming: SpanNaming, records: (method: string) => boolean) {
    this.naming = naming
    this.records = records
    this.nobodys = this.describe(undefined)
  }

  /** @param method `undefined`: nobody has registered it */
  find(path: string, method: AnyMethod | undefined): NamedMethod {
    let named = this.known.get(path)
    if (named !== undefined) return named
    const name = path.slice(1)
    const generic = method === undefined || method.input instanceof BytesCodec
    if (generic && !this.records(name)) return this.nobodys
    named = this.describe(name)
    this.known.set(path, named)
    return named
  }

  private describe(name: string | undefined): NamedMethod {
    const { spans, conventions } = this.naming
    const shown = name ?? (spans === "grpc" ? "other" : "_OTHER")
    const slash = shown.lastIndexOf("/")
    const service = shown.slice(0, Math.max(0, slash))
    const method = shown.slice(slash + 1)
    const attributes: Attributes =
      conventions === "stable"
        ? { "rpc.system.name": "grpc", "rpc.method": name ?? "_OTHER" }
        : name === undefined
          ? { "rpc.system": "grpc" }
          : { "rpc.system": "grpc", "rpc.service": service, "rpc.method": method }
    // As Go and Java write it: with a dot for the slash.
    const dotted = shown.replaceAll("/", ".")
    return spans === "grpc"
      ? {
          name,
          service,
          method,
          attributes,
          sent: `Sent.${dotted}`,
          attempt: `Attempt.${dotted}`,
          received: `Recv.${dotted}`,
        }
      : { name, service, method, attributes, sent: shown, attempt: shown, received: shown }
  }
}
