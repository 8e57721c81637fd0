import { diagnosticsChannel } from "../core/diagnostics.js"
import type { HealthStatuses, ServingStatus } from "./statuses.js"

const channel = diagnosticsChannel("farcall:server:health")

/** Publishes on a diagnostics channel what clients are told anew. */
export class ToldStatuses {
  private readonly statuses: HealthStatuses
  private readonly serverId: number
  /** What was told last, or what there was when nobody took it. */
  private told: ReadonlyMap<string, ServingStatus> = new Map()

  constructor(statuses: HealthStatuses, serverId: number) {
    this.statuses = statuses
    this.serverId = serverId
  }

  /** Something may have changed. */
  look(): void {
    if (!channel.hasSubscribers) return
    const before = this.told
    const now = new Map(this.statuses.all())
    this.told = now
    for (const service of new Set([...before.keys(), ...now.keys()])) {
      const status = now.get(service)
      if (status !== before.get(service)) channel.publish({ serverId: this.serverId, service, status })
    }
  }
}
