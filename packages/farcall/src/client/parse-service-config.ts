import { withReason } from "../core/reason.js"
import { statusCodes } from "../core/status.js"
import { JsonPlace } from "./json-place.js"
import {
  type Balancing,
  type HedgingPolicy,
  type MethodConfig,
  type RetryPolicy,
  type RetryThrottling,
  ServiceConfig,
  type ServiceConfigJson,
} from "./service-config.js"

export interface ServiceConfigOptions {
  /** `maxAttempts` above it is cut to it. Default 5. */
  readonly maxAttempts?: number | undefined
  /** False: policies for retries and hedging are looked at, and not followed. */
  readonly retries?: boolean | undefined
}

/**
 * Understands a service config, as an object or as JSON text. Fields that gRPC does not know are passed over; one that is
 * wrong makes all of it wrong (gRPC A21).
 * @throws TypeError that names every field that is wrong, with its place, its value, and what it must be
 */
export function parseServiceConfig(
  json: ServiceConfigJson | string,
  options: ServiceConfigOptions = {},
): ServiceConfig {
  const root = new JsonPlace("serviceConfig", typeof json === "string" ? parsedJson(json) : json)
  const config = new ServiceConfig(
    methodConfigs(root, options),
    balancing(root),
    retryThrottling(root.field("retryThrottling")),
    root.field("healthCheckConfig").object()?.field("serviceName").text(),
  )
  if (root.faults.length > 0) throw withReason("FARCALL_BAD_SERVICE_CONFIG", new TypeError(root.faults.join("\n")))
  return config
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw withReason(
      "FARCALL_BAD_SERVICE_CONFIG",
      new TypeError(`serviceConfig: is no JSON: ${(cause as Error).message}`, { cause }),
    )
  }
}

function methodConfigs(root: JsonPlace, options: ServiceConfigOptions): Map<string, MethodConfig> {
  const byName = new Map<string, MethodConfig>()
  for (const entry of root.object()?.field("methodConfig").items() ?? []) {
    if (entry.object() === undefined) continue
    const config = methodConfig(entry, options)
    for (const name of entry.field("name").items()) {
      const key = methodName(name)
      if (key === undefined) continue
      if (byName.has(key)) name.fault("is named by another methodConfig already")
      byName.set(key, config)
    }
  }
  return byName
}

/** Left out, null and empty are the same. */
function methodName(name: JsonPlace): string | undefined {
  if (name.object() === undefined) return undefined
  const service = name.field("service").text() ?? ""
  const method = name.field("method").text() ?? ""
  if (service === "" && method !== "") {
    name.field("method").fault("must be left out where there is no service")
    return undefined
  }
  return `${service}/${method}`
}

function methodConfig(entry: JsonPlace, options: ServiceConfigOptions): MethodConfig {
  const retry = retryPolicy(entry.field("retryPolicy"), options)
  const hedging = hedgingPolicy(entry.field("hedgingPolicy"), options)
  if (entry.field("retryPolicy").there && entry.field("hedgingPolicy").there) {
    entry.field("hedgingPolicy").fault("must not be there beside retryPolicy: a call is either retried or hedged")
  }
  const armed = options.retries !== false
  return {
    waitForReady: entry.field("waitForReady").boolean(),
    timeoutMs: entry.field("timeout").durationMs() ?? Number.POSITIVE_INFINITY,
    maxRequestMessageBytes: messageBytes(entry.field("maxRequestMessageBytes")),
    maxResponseMessageBytes: messageBytes(entry.field("maxResponseMessageBytes")),
    retryPolicy: armed ? retry : undefined,
    hedgingPolicy: armed ? hedging : undefined,
  }
}

function messageBytes(place: JsonPlace): number {
  return place.integer(0, 2 ** 32 - 1) ?? Number.POSITIVE_INFINITY
}

/** gRPC A6, "Validation of retryPolicy". */
function retryPolicy(place: JsonPlace, options: ServiceConfigOptions): RetryPolicy | undefined {
  if (place.object() === undefined) return undefined
  const codes = statusCodesIn(place.field("retryableStatusCodes").required())
  if (codes.size === 0) place.field("retryableStatusCodes").fault("must have at least one status code")
  return {
    maxAttempts: maxAttempts(place, options),
    initialBackoffMs: place.field("initialBackoff").required().positiveDurationMs(),
    maxBackoffMs: place.field("maxBackoff").required().positiveDurationMs(),
    backoffMultiplier: place.field("backoffMultiplier").required().positiveNumber(),
    retryableStatusCodes: codes,
  }
}

/** gRPC A6, "Validation of hedgingPolicy". */
function hedgingPolicy(place: JsonPlace, options: ServiceConfigOptions): HedgingPolicy | undefined {
  if (place.object() === undefined) return undefined
  return {
    maxAttempts: maxAttempts(place, options),
    hedgingDelayMs: place.field("hedgingDelay").durationMs() ?? 0,
    nonFatalStatusCodes: statusCodesIn(place.field("nonFatalStatusCodes")),
  }
}

/** Checklist point 56: too many are no error. */
function maxAttempts(place: JsonPlace, options: ServiceConfigOptions): number {
  const wanted = place.field("maxAttempts").required().integer(2) ?? 2
  return Math.min(wanted, options.maxAttempts ?? defaultMaxAttempts)
}

const defaultMaxAttempts = 5

function statusCodesIn(place: JsonPlace): Set<number> {
  const codes = new Set<number>()
  for (const item of place.items()) {
    const code = statusCodeNumber(item.value)
    if (code === undefined) item.fault("must be a status code, by name or number")
    else codes.add(code)
  }
  return codes
}

function statusCodeNumber(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 && value <= 16 ? value : undefined
  const name = typeof value === "string" ? value.toUpperCase() : ""
  return Object.hasOwn(statusCodes, name) ? statusCodes[name as keyof typeof statusCodes] : undefined
}

/** gRPC A6, "Validation of retryThrottling". */
function retryThrottling(place: JsonPlace): RetryThrottling | undefined {
  if (place.object() === undefined) return undefined
  const maxTokens = place.field("maxTokens").required().integer(1, 1_000) ?? 1
  const tokenRatio = place.field("tokenRatio").required().positiveNumber()
  return { maxTokens, tokenRatio: Math.floor(tokenRatio * 1e3) / 1e3 }
}

function balancing(root: JsonPlace): Balancing | undefined {
  const list = root.field("loadBalancingConfig")
  if (!list.there) return olderBalancing(root.field("loadBalancingPolicy"))
  for (const item of list.items()) {
    const names = Object.keys(item.object()?.value ?? {})
    if (names.length !== 1) item.fault("must be an object with one key, the policy's name")
    else if (names[0] === "round_robin") return { policy: "round_robin" }
    else if (names[0] === "pick_first") {
      const config = item.field("pick_first").object()
      return { policy: "pick_first", shuffleAddressList: config?.field("shuffleAddressList").boolean() ?? false }
    }
  }
  list.fault("must name a policy that is known: pick_first or round_robin")
  return undefined
}

function olderBalancing(place: JsonPlace): Balancing | undefined {
  const name = place.text()?.toLowerCase()
  if (name === undefined || name === "" || name === "unspecified") return undefined
  if (name === "round_robin") return { policy: "round_robin" }
  if (name === "pick_first") return { policy: "pick_first", shuffleAddressList: false }
  place.fault("must be a policy that is known: pick_first or round_robin")
  return undefined
}
