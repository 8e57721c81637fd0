import type { AnyMethod, ServiceDefinition } from "../core/service.js"
import { MessageWriter } from "../transport/message-writer.js"
import type { AnyHandler } from "./servicer.js"

/** A method that can be called: its definition, what answers it, and what writes its answers. */
export interface Route {
  readonly method: AnyMethod
  /** `undefined`: the servicer left the method out, so that it answers UNIMPLEMENTED. */
  readonly handler: AnyHandler | undefined
  readonly writer: MessageWriter
}

/** Finds the route of a path. */
export class Router {
  private readonly routes: Map<string, Route> = new Map()
  private readonly services: Set<string> = new Set()

  /**
   * Adds a service. @throws TypeError when one of that name is there already, or a handler is not a function.
   */
  add(service: ServiceDefinition, servicer: object, maxSendMessageLength: number): void {
    if (this.services.has(service.typeName))
      throw new TypeError(`the service ${service.typeName} has been added already`)
    const routes: Route[] = []
    for (const [name, method] of Object.entries(service.methods)) {
      const handler = property(servicer, name)
      if (handler !== undefined && typeof handler !== "function") {
        throw new TypeError(`${service.typeName}.${name} must be a function, but is of type ${typeof handler}`)
      }
      routes.push({
        method,
        handler: handler === undefined ? undefined : (handler.bind(servicer) as AnyHandler),
        writer: new MessageWriter(method.output, maxSendMessageLength),
      })
    }
    this.services.add(service.typeName)
    for (const route of routes) this.routes.set(route.method.path, route)
  }

  find(path: string): Route | undefined {
    return this.routes.get(path)
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
