import { type AnyMethod, type ServiceDefinition, streamsResponses } from "../../core/service.js"
import type { AnyHandler } from "../servicer.js"
import { asBytes, type Crossing, decoded } from "./crossing.js"
import { PooledCall } from "./pooled-call.js"
import type { WorkerPool } from "./worker-pool.js"

/**
 * What stands in for a servicer that runs on a pool's threads: a handler for each of its methods.
 * @param decodes messages are objects where it is called
 */
export function pooledServicer(
  service: ServiceDefinition,
  pool: WorkerPool,
  decodes: boolean,
): Readonly<Record<string, AnyHandler>> {
  const handlers: Record<string, AnyHandler> = Object.create(null)
  for (const [name, method] of Object.entries(service.methods)) {
    handlers[name] = pooledHandler(pool, method, decodes ? decoded(method) : asBytes)
  }
  return handlers
}

function pooledHandler(pool: WorkerPool, method: AnyMethod, crossing: Crossing): AnyHandler {
  return streamsResponses(method.kind)
    ? (input, context) => new PooledCall(pool, method, crossing, input, context).many()
    : (input, context) => new PooledCall(pool, method, crossing, input, context).one()
}
