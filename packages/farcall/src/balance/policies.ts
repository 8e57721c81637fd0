import type { Balancing } from "../client/service-config.js"
import { badOption } from "../core/reason.js"
import type { Balancer, BalancerFactory, BalancerHost, BalancingPolicy } from "./balancer.js"
import { GuardedBalancer } from "./guarded-balancer.js"
import { PickFirst } from "./pick-first.js"
import { RoundRobin } from "./round-robin.js"

const factories: ReadonlyMap<string, BalancerFactory> = new Map<string, BalancerFactory>([
  ["pick_first", (host, config) => new PickFirst(host, config)],
  ["round_robin", (host, config) => new RoundRobin(host, config)],
])

/** Makes a balancer. @param own the policy that is the user's own, for those who have one */
export function makeBalancer(balancing: Balancing, own: BalancingPolicy | undefined, host: BalancerHost): Balancer {
  return balancing.policy === "custom"
    ? new GuardedBalancer(own!, host, balancing)
    : factories.get(balancing.policy)!(host, balancing)
}

/**
 * The policy that an option has, where that is one of the user's own.
 * @throws TypeError for the name of one that there is not
 */
export function ownPolicy(option: string | BalancingPolicy | undefined): BalancingPolicy | undefined {
  if (typeof option === "function") return option
  if (option === undefined || factories.has(option)) return undefined
  const known = [...factories.keys()].join(" or ")
  throw badOption(`createChannel: balancing is ${JSON.stringify(option)}, and must be ${known}`)
}
