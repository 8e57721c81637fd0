import { checkOptions, type KnownOptions } from "../core/known-options.js"
import { limits } from "../core/limits.js"
import { badOption, optionOutOfRange } from "../core/reason.js"
import { StatusError } from "../core/status-error.js"
import { Health } from "../gen/grpc/health/v1/health_grpc.js"
import type { ServerContext } from "../server/context.js"
import { behind, type Server } from "../server/server.js"
import { type Probe, ProbeRun } from "./probe.js"
import { checkStatus, HealthStatuses, type ServingStatus, servingStatus, type Veto } from "./statuses.js"
import { ToldStatuses } from "./told-statuses.js"
import { HealthWatchers } from "./watchers.js"

/** What health is made of, all of it optional. */
export interface HealthOptions {
  /**
   * Of which services it is known how they fare. `"automatic"`: of all that the server serves, and they are SERVING unless
   * something is said against it. `"manual"`: of those that `set` has named. Default: `"automatic"`.
   */
  readonly mode?: "automatic" | "manual" | undefined
  /** What is looked at again and again, by names of one's own: while any is unwell, nothing is SERVING. */
  readonly probes?: Readonly<Record<string, Probe | Probe["check"]>> | undefined
  /**
   * Told when a probe turns: `trouble` is what it threw, or why else it counts as unwell; `undefined`: it is well again.
   * Without it trouble is printed on stderr.
   */
  readonly onProbe?: ((name: string, trouble: unknown) => void) | undefined
  /** How many calls of Watch may run at once; a further one ends RESOURCE_EXHAUSTED. Default 1,000. */
  readonly maxWatchers?: number | undefined
}

const healthOptions: KnownOptions<HealthOptions> = {
  mode: "string",
  probes: "object",
  onProbe: "function",
  maxWatchers: "number",
}

/** How a server's services fare, as its clients are told. Names are those of services; `""` is the server as a whole. */
export interface ServerHealth {
  /**
   * Says how a service fares, from now on and whatever was known of it. While the server is shut down, drains or has a
   * probe that is unwell, or the service's worker threads are gone, clients are told NOT_SERVING all the same.
   * @throws TypeError for a status that is none
   */
  set(service: string, status: ServingStatus): void
  /** Says the same of all services that are known, and of the server as a whole. */
  setAll(status: ServingStatus): void
  /** Takes back what `set` has said: in automatic mode the service is SERVING of itself again, in manual mode unknown. */
  clear(service: string): void
  /** What clients are told now; `undefined`: the service is not known. */
  status(service: string): ServingStatus | undefined
  /** NOT_SERVING for all that is known, until `resume`. What `set` says meanwhile holds after that. */
  shutdown(): void
  resume(): void
}

/**
 * Adds `grpc.health.v1.Health` to a server: Check, List and Watch. All is NOT_SERVING from the moment in which the server
 * begins to shut down: clients that watch learn it before they are told to take their calls elsewhere.
 *
 *     const health = addHealth(server, { probes: { database: () => pool.ping() } })
 *
 * @throws TypeError or RangeError for options that are none, or when the server listens already
 */
export function addHealth(server: Server, options: HealthOptions = {}): ServerHealth {
  checkOptions("addHealth", options, healthOptions)
  const { mode = "automatic", probes = {}, onProbe = printTrouble, maxWatchers = limits.maxHealthWatchers } = options
  if (mode !== "automatic" && mode !== "manual") {
    throw badOption(`addHealth: mode is ${JSON.stringify(mode)}, and must be "automatic" or "manual"`)
  }
  if (!(maxWatchers >= 0)) throw optionOutOfRange(`addHealth: maxWatchers is ${maxWatchers}, and must not be below 0`)
  const host = behind(server)
  const { clock, entity, router, drainListeners, serviceListeners } = host
  const runs = Object.entries(probes).map(
    ([name, probe]) => new ProbeRun(name, typeof probe === "function" ? { check: probe } : probe, clock),
  )
  const workers: Veto = { forbids: (service) => host.isDown(service) }
  const statuses = new HealthStatuses(mode === "automatic" ? router.services : new Map(), [...runs, workers])
  const watchers = new HealthWatchers(statuses, maxWatchers)
  const told = new ToldStatuses(statuses, entity.id)
  const changed = (): void => {
    watchers.wake()
    told.look()
  }
  server.add(Health, {
    check: ({ service }) => ({ status: servingStatus[known(statuses, checkName(service))] }),
    list: () => ({
      statuses: Object.fromEntries(
        [...statuses.all()].map(([service, status]) => [service, { status: servingStatus[status] }]),
      ),
    }),
    watch: ({ service }, { signal }: ServerContext) => watchers.watch(checkName(service), signal),
  })

  const tell = (name: string, trouble: unknown): void => {
    try {
      onProbe(name, trouble)
    } catch (fault) {
      console.error("[FARCALL_CALLBACK_FAILED] onProbe failed:", fault)
    }
  }
  for (const run of runs) {
    run.start({
      onProbeTurned: (trouble) => {
        tell(run.name, trouble)
        changed()
      },
      onFirstLook: changed,
    })
  }
  serviceListeners.push(changed)
  drainListeners.push({
    onDraining: () => {
      for (const run of runs) run.stop()
      statuses.draining = true
      changed()
    },
    onDrainAnnounced: () =>
      watchers.end(new StatusError("UNAVAILABLE", "the server shuts down", { reason: "FARCALL_SHUTTING_DOWN" })),
  })

  /** Every change is told to those who watch. */
  const changing = (change: () => void): void => {
    change()
    changed()
  }
  return {
    set: (service, status) => changing(() => statuses.said.set(service, checkStatus(status))),
    setAll: (status) =>
      changing(() => {
        checkStatus(status)
        for (const [service] of statuses.all()) statuses.said.set(service, status)
      }),
    clear: (service) => changing(() => statuses.said.delete(service)),
    status: (service) => statuses.of(service),
    shutdown: () => changing(() => (statuses.down = true)),
    resume: () => changing(() => (statuses.down = false)),
  }
}

function known(statuses: HealthStatuses, service: string): ServingStatus {
  const status = statuses.of(service)
  if (status === undefined) throw new StatusError("NOT_FOUND", `nothing is known here of ${JSON.stringify(service)}`)
  return status
}

/** @throws StatusError INVALID_ARGUMENT for one that is too long to be a service's */
function checkName(service: string): string {
  const { maxAskedNameLength } = limits
  if (service.length <= maxAskedNameLength) return service
  const what = `a service's name of ${service.length} characters, the limit is ${maxAskedNameLength}`
  throw new StatusError("INVALID_ARGUMENT", what)
}

function printTrouble(name: string, trouble: unknown): void {
  if (trouble !== undefined) console.error(`[FARCALL_PROBE_UNWELL] the health probe ${name} is unwell:`, trouble)
}
