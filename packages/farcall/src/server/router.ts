import { type BytesMethod, bytesMethod } from "../core/bytes-codec.js"
import { foldedName } from "../core/nearest-name.js"
import { badOption, withReason } from "../core/reason.js"
import type { AnyMethod, ServiceDefinition } from "../core/service.js"
import { MessageWriter } from "../transport/message-writer.js"
import type { CallGate } from "./call-gate.js"
import type { LimitsByMethod } from "./method-limits.js"
import type { AnyHandler, Handler } from "./servicer.js"

/** What answers calls of any method, whose messages stay bytes; `context.method.path` says which it is. */
export type FallbackHandler = Handler<BytesMethod<"bidiStreaming">>

/** A method that can be called: its definition, what answers it, and what writes its answers. */
export interface Route {
  readonly method: AnyMethod
  /** The method as interceptors see it: another where `method` has bytes for messages. */
  readonly shown: AnyMethod
  /** `undefined`: the servicer left the method out, so that it answers UNIMPLEMENTED. */
  readonly handler: AnyHandler | undefined
  readonly writer: MessageWriter
  readonly maxReceiveMessageLength: number
  /** What each of its calls has to pass before it runs; `undefined`: nothing. */
  readonly gates: readonly CallGate[] | undefined
}

/** What a method's callers are told that its servicer left out. */
export function unimplementedText(path: string): string {
  return `the method ${path} is not implemented`
}

/** Finds the route of a path. */
export class Router {
  /** By their names, as interceptors see them, in the order in which they were added. */
  readonly services: Map<string, ServiceDefinition> = new Map()
  private readonly routes: Map<string, Route> = new Map()
  private readonly limits: LimitsByMethod
  private fallback: AnyHandler | undefined = undefined

  constructor(limits: LimitsByMethod) {
    this.limits = limits
  }

  /**
   * Adds a service. @throws TypeError when one of that name is there already, a handler is not a function, or one is
   * called as in the .proto, or otherwise but for capitals and underscores.
   * @param shown the service as interceptors see it
   */
  add(service: ServiceDefinition, servicer: object, shown: ServiceDefinition = service): void {
    if (this.services.has(service.typeName))
      throw withReason("FARCALL_BAD_SERVICE", new TypeError(`the service ${service.typeName} has been added already`))
    if ((typeof servicer !== "object" && typeof servicer !== "function") || servicer === null) {
      throw withReason(
        "FARCALL_BAD_SERVICE",
        new TypeError(
          `the servicer of ${service.typeName} must be an object with its handlers, not ${String(servicer)}`,
        ),
      )
    }
    const routes: Route[] = []
    for (const [name, method] of Object.entries(service.methods)) {
      const handler = property(servicer, name)
      if (handler !== undefined && typeof handler !== "function") {
        throw withReason(
          "FARCALL_BAD_SERVICE",
          new TypeError(`${service.typeName}.${name} must be a function, but is of type ${typeof handler}`),
        )
      }
      const misnamed = handler === undefined ? misnamedHandler(servicer, name, service) : undefined
      if (misnamed !== undefined) {
        throw withReason(
          "FARCALL_BAD_SERVICE",
          new TypeError(`the servicer of ${service.typeName} has ${misnamed}; its name here is ${name}`),
        )
      }
      const bound = handler === undefined ? undefined : (handler.bind(servicer) as AnyHandler)
      routes.push(this.route(method, shown.methods[name]!, bound))
    }
    this.services.set(service.typeName, shown)
    for (const route of routes) this.routes.set(route.method.path, route)
  }

  /** Calls of methods that nobody has added go to `handler`, as streams of bytes both ways. */
  addFallback(handler: FallbackHandler): void {
    this.fallback = handler as AnyHandler
  }

  /** Whether it is nobody's method, and answered all the same. */
  isFallback(route: Route): boolean {
    return this.fallback !== undefined && route.handler === this.fallback
  }

  /** @throws TypeError when limits are set for what is not served: a name was misspelt */
  checkLimits(): void {
    if (this.fallback !== undefined) return
    for (const name of this.limits.names) {
      if (this.services.has(name) || this.routes.has(name)) continue
      throw badOption(`createServer: methods names ${JSON.stringify(name)}, which is not served here`)
    }
  }

  /** The methods that are served; `undefined`: calls of any are answered. */
  get methods(): readonly AnyMethod[] | undefined {
    return this.fallback === undefined ? [...this.routes.values()].map(({ shown }) => shown) : undefined
  }

  find(path: string): Route | undefined {
    return this.routes.get(path) ?? this.fallbackFor(path)
  }

  /** Made for each call: a client may think of any number of paths. */
  private fallbackFor(path: string): Route | undefined {
    const { fallback } = this
    if (fallback === undefined || !/^\/[^/]+\/[^/]+$/.test(path)) return undefined
    const method = bytesMethod(path, "bidiStreaming")
    return this.route(method, method, fallback)
  }

  private route(method: AnyMethod, shown: AnyMethod, handler: AnyHandler | undefined): Route {
    const { maxSendMessageLength, maxReceiveMessageLength, gates } = this.limits.of(method.path)
    const writer = new MessageWriter(method.output, maxSendMessageLength)
    return { method, shown, handler, writer, maxReceiveMessageLength, gates }
  }

  /** Why no route has this path, for the text of UNIMPLEMENTED. */
  explain(path: string): string {
    const parts = /^\/([^/]+)\/([^/]+)$/.exec(path)
    if (parts === null) return `the path ${JSON.stringify(path)} does not have the form /package.Service/Method`
    if (!this.services.has(parts[1]!)) return `the service ${parts[1]} is not served here`
    return `the service ${parts[1]} has no method ${parts[2]}`
  }
}

/** A property by a name from a contract: an rpc that is called `__proto__` is none that every object has. */
function property(servicer: object, name: string): unknown {
  return name !== "__proto__" || Object.hasOwn(servicer, name) ? (servicer as Record<string, unknown>)[name] : undefined
}

/** The function of a servicer that was meant for a method: `SayHello`, `say_hello` or `sayhello` for `sayHello`. */
function misnamedHandler(servicer: object, name: string, { methods }: ServiceDefinition): string | undefined {
  const folded = foldedName(name)
  // What every object has, `constructor` and the like, nobody wrote.
  for (let at = servicer; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const own of Object.getOwnPropertyNames(at)) {
      if (foldedName(own) !== folded || Object.hasOwn(methods, own) || own in Object.prototype) continue
      if (typeof Object.getOwnPropertyDescriptor(at, own)?.value === "function") return own
    }
  }
  return undefined
}
