import type { AnyMethod } from "../core/service.js"
import type { StatusCode } from "../core/status.js"

/**
 * The service config as its JSON says it: how calls to a service are made, per method, and how its servers are chosen.
 * Keys that are not named here are allowed in JSON text, and mean nothing.
 * @see https://github.com/grpc/grpc/blob/master/doc/service_config.md
 */
export interface ServiceConfigJson {
  /** Policies in order of preference: the first one known is taken. The option `balancing` goes before it. */
  readonly loadBalancingConfig?: readonly LoadBalancingJson[] | undefined
  /** The older way of naming a policy; `loadBalancingConfig` goes before it. */
  readonly loadBalancingPolicy?: string | undefined
  readonly methodConfig?: readonly MethodConfigJson[] | undefined
  readonly retryThrottling?: RetryThrottlingJson | undefined
  readonly healthCheckConfig?: HealthCheckJson | undefined
}

/** One that was found, as an object or as JSON text, which is judged by who is told of it; or why it cannot be read. */
export type FoundServiceConfig = ServiceConfigJson | string | Error

/** One key, the policy's name, and under it what the policy wants to know. */
export interface LoadBalancingJson {
  readonly pick_first?: { readonly shuffleAddressList?: boolean | undefined } | undefined
  readonly round_robin?: object | undefined
  readonly [policy: string]: object | undefined
}

/** What holds for the methods that `name` lists. */
export interface MethodConfigJson {
  /** What it is for: a method, a service (`method` left out), everything (`{}`). The most specific one counts. */
  readonly name?: readonly { readonly service?: string | undefined; readonly method?: string | undefined }[] | undefined
  /** Whether calls that do not say so themselves wait for a connection. */
  readonly waitForReady?: boolean | undefined
  /** The longest that a call may take, `"1.5s"`; with a call's own timeout as well, the earlier counts. */
  readonly timeout?: string | undefined
  /** Bytes of the longest request message; with the channel's own limit as well, the smaller counts. */
  readonly maxRequestMessageBytes?: number | undefined
  /** Bytes of the longest response message, likewise. */
  readonly maxResponseMessageBytes?: number | undefined
  readonly retryPolicy?: RetryPolicyJson | undefined
  readonly hedgingPolicy?: HedgingPolicyJson | undefined
}

/** How a call that failed is tried again (gRPC A6). */
export interface RetryPolicyJson {
  /** With the first one; at least 2. More than the channel's `maxAttempts` are cut to it. */
  readonly maxAttempts: number
  /** How long to wait before the second attempt, moved by chance by up to a fifth; above 0. */
  readonly initialBackoff: string
  readonly maxBackoff: string
  /** How much longer each wait is than the one before; above 0. */
  readonly backoffMultiplier: number
  /** By name or number; at least one. */
  readonly retryableStatusCodes: readonly StatusCodeJson[]
}

/** How a call is sent several times without waiting for it to fail (gRPC A6). */
export interface HedgingPolicyJson {
  readonly maxAttempts: number
  /** From one attempt to the next; left out: all at once. */
  readonly hedgingDelay?: string | undefined
  /** With one of these the other attempts go on; any other ends the call. */
  readonly nonFatalStatusCodes?: readonly StatusCodeJson[] | undefined
}

/** In capitals or not. */
export type StatusCodeJson = StatusCode | Lowercase<StatusCode> | number

/** Stops retries while many calls fail (gRPC A6): a failure takes one token, a success gives `tokenRatio` back. */
export interface RetryThrottlingJson {
  /** Above 0, at most 1,000. No retries while no more than half of them are left. */
  readonly maxTokens: number
  /** Above 0; of its decimal places three count. */
  readonly tokenRatio: number
}

/** Has servers watched by `grpc.health.v1.Health/Watch`, with a policy that can use it (gRPC A17). */
export interface HealthCheckJson {
  readonly serviceName?: string | undefined
}

/** What a service config says of one method. */
export interface MethodConfig {
  readonly waitForReady: boolean | undefined
  /** Milliseconds, `Infinity` without a limit. */
  readonly timeoutMs: number
  readonly maxRequestMessageBytes: number
  readonly maxResponseMessageBytes: number
  readonly retryPolicy: RetryPolicy | undefined
  readonly hedgingPolicy: HedgingPolicy | undefined
}

export interface RetryPolicy {
  readonly maxAttempts: number
  readonly initialBackoffMs: number
  readonly maxBackoffMs: number
  readonly backoffMultiplier: number
  /** By number. */
  readonly retryableStatusCodes: ReadonlySet<number>
}

export interface HedgingPolicy {
  readonly maxAttempts: number
  readonly hedgingDelayMs: number
  readonly nonFatalStatusCodes: ReadonlySet<number>
}

export interface RetryThrottling {
  readonly maxTokens: number
  readonly tokenRatio: number
}

/** A load balancing policy, and what it is to know. */
export type Balancing =
  | { readonly policy: "pick_first"; readonly shuffleAddressList: boolean }
  | { readonly policy: "round_robin"; readonly healthService?: string | undefined }
  /** One of the user's own. */
  | { readonly policy: "custom"; readonly healthService?: string | undefined }

export function sameBalancing(a: Balancing | undefined, b: Balancing): boolean {
  return a?.policy === b.policy && JSON.stringify(a) === JSON.stringify(b)
}

/** A service config that was understood. Never changes. */
export class ServiceConfig {
  readonly balancing: Balancing | undefined
  readonly retryThrottling: RetryThrottling | undefined
  /** The service whose health is watched; `undefined`: none is. */
  readonly healthServiceName: string | undefined
  private readonly byName: ReadonlyMap<string, MethodConfig>
  /** What was looked up once is not looked up again. */
  private readonly found = new WeakMap<AnyMethod, { readonly config: MethodConfig | undefined }>()

  /** @param byName keyed `service/method`, `service/` and `/` */
  constructor(
    byName: ReadonlyMap<string, MethodConfig>,
    balancing: Balancing | undefined,
    retryThrottling: RetryThrottling | undefined,
    healthServiceName: string | undefined,
  ) {
    this.byName = byName
    this.balancing = balancing
    this.retryThrottling = retryThrottling
    this.healthServiceName = healthServiceName
  }

  /** What holds for calls of a method: what names it, else what names its service, else what is for all. */
  forMethod(method: AnyMethod): MethodConfig | undefined {
    let found = this.found.get(method)
    if (found === undefined) {
      const path = method.path.slice(1)
      const service = path.slice(0, path.lastIndexOf("/") + 1)
      const { byName } = this
      this.found.set(method, (found = { config: byName.get(path) ?? byName.get(service) ?? byName.get("/") }))
    }
    return found.config
  }
}
