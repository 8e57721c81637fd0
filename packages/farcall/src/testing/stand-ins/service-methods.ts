import type { ServiceDefinition } from "../../core/service.js"
import type { AnyHandler } from "../../server/servicer.js"

/**
 * Checks that an object of handlers has none for a method that the service has not: a name was misspelt, or the contract
 * has changed. A class instance may have methods of its own beside them.
 * @throws TypeError that names the method, and those that there are
 */
export function mustHaveMethods(service: ServiceDefinition, handlers: object, who: string): void {
  if (typeof handlers !== "object" || handlers === null) {
    throw new TypeError(`${who}: the handlers of ${service.typeName} must be an object, not ${String(handlers)}`)
  }
  const prototype: unknown = Object.getPrototypeOf(handlers)
  if (prototype !== Object.prototype && prototype !== null) return
  for (const name of Object.keys(handlers)) mustHaveMethod(service, name, who)
}

/** @throws TypeError likewise */
export function mustHaveMethod(service: ServiceDefinition, name: string, who: string): void {
  if (Object.hasOwn(service.methods, name)) return
  const methods = Object.keys(service.methods).join(", ")
  throw new TypeError(`${who}: ${service.typeName} has no method ${JSON.stringify(name)}; it has ${methods}`)
}

/** The handlers that there are, by name, as functions of their own. @throws TypeError for one that is no function */
export function handlersOf(service: ServiceDefinition, handlers: object): Map<string, AnyHandler> {
  const found = new Map<string, AnyHandler>()
  for (const name of Object.keys(service.methods)) {
    // Every object has that one.
    if (name === "__proto__" && !Object.hasOwn(handlers, name)) continue
    const handler: unknown = (handlers as Record<string, unknown>)[name]
    if (handler === undefined) continue
    if (typeof handler !== "function") {
      throw new TypeError(`${service.typeName}.${name} must be a function, but is of type ${typeof handler}`)
    }
    found.set(name, handler.bind(handlers) as AnyHandler)
  }
  return found
}
