import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { limits } from "../core/limits.js"
import { badOption } from "../core/reason.js"
import { checkMessageLengths, checkWholeNumber } from "../core/whole-number.js"
import { CallGate } from "./call-gate.js"

/** How many calls run at once. */
export interface CallLimits {
  /**
   * How many calls may run at once; further ones wait, in order. A call runs from its headers until its handler has
   * returned, after a cancel too. Default: no limit.
   */
  readonly maxRunningCalls?: number | undefined
  /** How many calls may wait for that; a further one ends RESOURCE_EXHAUSTED. Default 1,000; 0: none. */
  readonly maxQueuedCalls?: number | undefined
}

/** What is particular to a method, or to the methods of a service: they go before what the server says of messages. */
export interface MethodLimits extends CallLimits {
  /** Bytes of the longest request message. */
  readonly maxReceiveMessageLength?: number | undefined
  /** Bytes of the longest response message. */
  readonly maxSendMessageLength?: number | undefined
}

const methodLimits: KnownOptions<MethodLimits> = {
  maxRunningCalls: "number",
  maxQueuedCalls: "number",
  maxReceiveMessageLength: "number",
  maxSendMessageLength: "number",
}

/** What holds for a server as a whole, and for parts of it. */
export interface ServerLimits extends CallLimits {
  /** Bytes of the longest request message. Default 4 MiB. */
  readonly maxReceiveMessageLength?: number | undefined
  /** Bytes of the longest response message. Default 2³¹−1. */
  readonly maxSendMessageLength?: number | undefined
  /**
   * Limits of methods, by their path, `/package.Service/Method`, or of services, by their name, `package.Service`. What
   * is said of a method's messages goes before what is said of its service's. Running calls are counted at each: the
   * method's own, all of the service's, all of the server's.
   */
  readonly methods?: Readonly<Record<string, MethodLimits>> | undefined
}

export const serverLimits: KnownOptions<ServerLimits> = { ...methodLimits, methods: "object" }

/** What holds for the calls of one method, found out once. */
export interface RouteLimits {
  readonly maxReceiveMessageLength: number
  readonly maxSendMessageLength: number
  /** What each call has to pass, in this order; `undefined`: nothing. */
  readonly gates: readonly CallGate[] | undefined
}

/** The limits of a server's methods. */
export class LimitsByMethod {
  private readonly server: ServerLimits
  private readonly methods: ReadonlyMap<string, MethodLimits>
  private readonly gates: ReadonlyMap<string, CallGate>
  private readonly serverGate: CallGate | undefined

  /** @throws TypeError or RangeError when a limit is not what its description says */
  constructor(server: ServerLimits) {
    this.server = server
    this.methods = new Map(Object.entries(server.methods ?? {}))
    this.serverGate = gateOf(server, "createServer", "calls")
    checkMessageLengths("createServer", server)
    const gates = new Map<string, CallGate>()
    for (const [name, own] of this.methods) {
      const where = `createServer: methods[${JSON.stringify(name)}]`
      if (!/^(\/[^/]+\/)?[^/]+$/.test(name)) {
        throw badOption(`${where} must be named "/package.Service/Method" or "package.Service"`)
      }
      checkOptions(where, own, methodLimits)
      const gate = gateOf(own, where, `calls of ${name}`)
      if (gate !== undefined) gates.set(name, gate)
      checkMessageLengths(where, own)
    }
    this.gates = gates
  }

  /** What the options name: paths of methods, and services. */
  get names(): Iterable<string> {
    return this.methods.keys()
  }

  /** @param path a method's, `/package.Service/Method` */
  of(path: string): RouteLimits {
    const service = path.slice(1, path.lastIndexOf("/"))
    const own = this.methods.get(path)
    const its = this.methods.get(service)
    const gates = [this.gates.get(path), this.gates.get(service), this.serverGate].filter((gate) => gate !== undefined)
    return {
      maxReceiveMessageLength: this.length("maxReceiveMessageLength", own, its),
      maxSendMessageLength: this.length("maxSendMessageLength", own, its),
      gates: gates.length === 0 ? undefined : gates,
    }
  }

  private length(
    name: "maxReceiveMessageLength" | "maxSendMessageLength",
    own: MethodLimits | undefined,
    its: MethodLimits | undefined,
  ): number {
    return own?.[name] ?? its?.[name] ?? this.server[name] ?? limits[name]
  }
}

function gateOf({ maxRunningCalls, maxQueuedCalls }: CallLimits, where: string, what: string): CallGate | undefined {
  checkWholeNumber(where, "maxRunningCalls", maxRunningCalls, 1)
  checkWholeNumber(where, "maxQueuedCalls", maxQueuedCalls, 0)
  if (maxRunningCalls !== undefined) {
    return new CallGate(what, { maxRunningCalls, maxQueuedCalls: maxQueuedCalls ?? limits.maxQueuedCalls })
  }
  if (maxQueuedCalls === undefined) return undefined
  throw badOption(`${where}: maxQueuedCalls means nothing without maxRunningCalls`)
}
