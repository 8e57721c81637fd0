import { BytesCodec } from "../../core/bytes-codec.js"
import { type AnyMethod, type ServiceDefinition, streamsResponses } from "../../core/service.js"
import type { AnyHandler } from "../servicer.js"
import { PooledCall } from "./pooled-call.js"
import type { WorkerPool } from "./worker-pool.js"

/** What stands in for a servicer that runs on a pool's threads: a handler of bytes for each of its methods. */
export function pooledServicer(service: ServiceDefinition, pool: WorkerPool): Readonly<Record<string, AnyHandler>> {
  const handlers: Record<string, AnyHandler> = Object.create(null)
  for (const [name, method] of Object.entries(service.methods)) handlers[name] = pooledHandler(pool, method)
  return handlers
}

function pooledHandler(pool: WorkerPool, method: AnyMethod): AnyHandler {
  return streamsResponses(method.kind)
    ? (input, context) => new PooledCall(pool, method, input, context).many()
    : (input, context) => new PooledCall(pool, method, input, context).one()
}

/** The service with methods whose messages stay their bytes: nothing of them is decoded on the server's thread. */
export function serviceOfBytes(service: ServiceDefinition): ServiceDefinition {
  const methods: Record<string, AnyMethod> = Object.create(null)
  for (const [name, method] of Object.entries(service.methods)) {
    methods[name] = {
      ...method,
      input: new BytesCodec(method.input.typeName),
      output: new BytesCodec(method.output.typeName),
    }
  }
  return { typeName: service.typeName, methods }
}
