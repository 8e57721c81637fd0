import { badOption } from "../core/reason.js"
/** How a service fares. (SERVICE_UNKNOWN is no such word: it is what Watch says of a service that is not known.) */
export type ServingStatus = "UNKNOWN" | "SERVING" | "NOT_SERVING"

/** The numbers of `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
export const servingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const

export type ServingStatusNumber = (typeof servingStatus)[keyof typeof servingStatus]

/** @throws TypeError when it is none that may be set */
export function checkStatus(status: ServingStatus): ServingStatus {
  if (status === "SERVING" || status === "NOT_SERVING" || status === "UNKNOWN") return status
  throw badOption(`health: ${JSON.stringify(status)} is none of "SERVING", "NOT_SERVING", "UNKNOWN"`)
}

/** What may speak against a service. */
export interface Veto {
  /** Whether it speaks against this one now; `""` is the server as a whole. */
  forbids(service: string): boolean
}

/**
 * How each service fares. What is said first in this list holds:
 *
 *     not known                        nothing
 *     the server drains or is down     NOT_SERVING
 *     a probe is unwell                NOT_SERVING
 *     no worker thread can be started  NOT_SERVING
 *     `set` has said it                that
 *     the server serves it             SERVING
 */
export class HealthStatuses {
  /** By `set`. */
  readonly said: Map<string, ServingStatus> = new Map()
  draining = false
  down = false
  /** What is SERVING of itself. */
  private readonly served: ReadonlyMap<string, unknown>
  private readonly vetoes: readonly Veto[]

  constructor(served: ReadonlyMap<string, unknown>, vetoes: readonly Veto[]) {
    this.served = served
    this.vetoes = vetoes
  }

  /** `undefined`: it is not known. The server as a whole always is, as with other implementations. */
  of(service: string): ServingStatus | undefined {
    const said = this.said.get(service)
    if (said === undefined && service !== "" && !this.served.has(service)) return undefined
    if (this.draining || this.down) return "NOT_SERVING"
    if (this.vetoes.some((veto) => veto.forbids(service))) return "NOT_SERVING"
    return said ?? "SERVING"
  }

  /** All that are known, the server as a whole first. */
  *all(): Generator<[service: string, status: ServingStatus]> {
    for (const service of new Set(["", ...this.served.keys(), ...this.said.keys()])) {
      yield [service, this.of(service)!]
    }
  }
}
