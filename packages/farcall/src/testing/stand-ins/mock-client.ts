import { type Client, createClient } from "../../client/client.js"
import { type ClientOptions, clientOptions } from "../../client/client-options.js"
import { type Clock, systemClock } from "../../core/clock.js"
import { checkOptions, type KnownOptions } from "../../core/known-options.js"
import { type AnyService, definitionOf, isDescribed } from "../../schema/described-service.js"
import { LimitsByMethod } from "../../server/method-limits.js"
import { Router } from "../../server/router.js"
import type { Servicer } from "../../server/servicer.js"
import { LoopbackChannel } from "./loopback.js"
import { mustHaveMethods } from "./service-methods.js"

/** What a mock client's calls are made with. */
export interface MockClientOptions extends ClientOptions {
  /** What deadlines go by. Default: real time. */
  readonly clock?: Clock | undefined
}

const mockClientOptions: KnownOptions<MockClientOptions> = { ...clientOptions, clock: "object" }

/**
 * A client with no server and no transport behind it, for unit tests of code that takes a client: `handlers` answer its
 * calls, as those of a servicer would. Everything else is as with a real one: deadlines, signals, metadata, interceptors,
 * errors as StatusError; a method that has no handler answers UNIMPLEMENTED. What a handler throws that is no StatusError
 * is the `cause` of the UNKNOWN that the caller gets. To record calls give it the `servicer` of a `mockServicer`.
 *
 *     const client = mockClient(Greeter, { sayHello: ({ name }) => ({ message: `Hello, ${name}!` }) })
 *
 * @throws TypeError when a handler is none of the service's methods
 */
export function mockClient<Service extends AnyService>(
  service: Service,
  handlers: Partial<Servicer<Service>>,
  options: MockClientOptions = {},
): Client<Service> {
  checkOptions("mockClient", options, mockClientOptions)
  const { clock = systemClock, ...ofClient } = options
  const given: AnyService = service
  const definition = isDescribed(given) ? definitionOf(given) : given
  mustHaveMethods(definition, handlers, "mockClient")
  const router = new Router(new LimitsByMethod({}))
  router.add(definition, handlers)
  const channel = new LoopbackChannel(`mock:${service.typeName}`, router, clock)
  return createClient(service, channel, ofClient)
}
