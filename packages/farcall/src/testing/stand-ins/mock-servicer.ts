import { AssertionError } from "node:assert"
import { type AnyMethod, type ServiceDefinition, streamsRequests, streamsResponses } from "../../core/service.js"
import { StatusError } from "../../core/status-error.js"
import { type AnyService, definitionOf, isDescribed, type MethodsOf } from "../../schema/described-service.js"
import type { ServerContext } from "../../server/context.js"
import type { AnyHandler, Responses, Servicer } from "../../server/servicer.js"
import type { Expect } from "./expectation.js"
import { ExpectedCall } from "./expected-call.js"
import { type CallRecord, type RecordedCall, recordCall } from "./recorded-call.js"
import { RequestReader } from "./request-reader.js"
import { handlersOf, mustHaveMethod, mustHaveMethods } from "./service-methods.js"
import { showMessage } from "./show-message.js"

/** A servicer that notes what comes, and answers as it is told. */
export interface MockServicer<Service extends AnyService> {
  /** What a server, a test pair or a `mockClient` is given. */
  readonly servicer: Servicer<Service>
  /** The calls of each method, in the order in which they came. */
  readonly calls: { readonly [Name in keyof MethodsOf<Service>]: readonly RecordedCall<MethodsOf<Service>[Name]>[] }
  /** Says what is to come, and how it is answered: `mock.expect.sayHello({ name: "x" }).reply({ message: "Hi" })`. */
  readonly expect: { readonly [Name in keyof MethodsOf<Service>]: Expect<MethodsOf<Service>[Name]> }
  /**
   * Checks that all came that was expected, and nothing else.
   * @throws AssertionError that names what is wanting, what was not expected, and what came
   */
  verify(): void
  /** Forgets calls and expectations. */
  reset(): void
}

/**
 * Makes a servicer out of those methods of it that a test needs. A call is answered by the first expectation that it
 * meets, else by `partial`'s method; one that neither knows ends UNIMPLEMENTED with what the mock does know, and
 * `verify` tells of it.
 *
 *     const mock = mockServicer(Greeter, { sayHello: ({ name }) => ({ message: `Hello, ${name}!` }) })
 *     const { client } = await createTestPair(Greeter, mock.servicer)
 *     await client.sayHello({ name: "Ada" })
 *     assert.equal(mock.calls.sayHello[0].request.name, "Ada")
 *
 * @throws TypeError when `partial` has what is none of the service's methods
 */
export function mockServicer<Service extends AnyService>(
  service: Service,
  partial: Partial<Servicer<Service>> = {},
): MockServicer<Service> {
  const given: AnyService = service
  const definition = isDescribed(given) ? definitionOf(given) : given
  mustHaveMethods(definition, partial, "mockServicer")
  return new Mock(definition, partial) as unknown as MockServicer<Service>
}

/** A call that has come. */
interface MockedCall {
  readonly name: string
  /** The request, or the requests. */
  readonly input: unknown
  readonly record: CallRecord
  /** Nothing was there to answer it. */
  unexpected: boolean
}

class Mock implements MockServicer<ServiceDefinition> {
  readonly servicer: Record<string, AnyHandler> = Object.create(null)
  readonly calls: Record<string, never[]> = Object.create(null)
  readonly expect: Readonly<Record<string, Expect<AnyMethod>>>
  private readonly service: ServiceDefinition
  /** The handlers that it was made with. */
  private readonly own: ReadonlyMap<string, AnyHandler>
  private readonly expected: ExpectedCall[] = []
  private readonly came: MockedCall[] = []

  constructor(service: ServiceDefinition, partial: object) {
    this.service = service
    this.own = handlersOf(service, partial)
    const expect: Record<string, Expect<AnyMethod>> = Object.create(null)
    for (const [name, method] of Object.entries(service.methods)) {
      this.calls[name] = []
      this.servicer[name] = this.handler(name, method)
      expect[name] = (matching) => {
        const expectation = new ExpectedCall(name, method, matching)
        this.expected.push(expectation)
        return expectation
      }
    }
    this.expect = new Proxy(expect, {
      get(methods, name) {
        if (typeof name === "string") mustHaveMethod(service, name, "mock.expect")
        return Reflect.get(methods, name)
      },
    })
  }

  verify(): void {
    const wanting = this.expected.flatMap(({ complaint }) => (complaint === undefined ? [] : [complaint]))
    const surplus = this.came.filter(({ unexpected }) => unexpected)
    if (wanting.length === 0 && surplus.length === 0) return
    const lines = [
      ...wanting.map((complaint) => `expected ${complaint}`),
      ...surplus.map((call) => `not expected: ${shown(call)}`),
      this.came.length === 0 ? "nothing came" : "what came, in order:",
      ...this.came.map((call, i) => `  ${i + 1}. ${shown(call)}: ${call.record.status?.code ?? "still running"}`),
    ]
    const message = `the mock of ${this.service.typeName}:\n  ${lines.join("\n  ")}`
    throw new AssertionError({ message, stackStartFn: this.verify })
  }

  reset(): void {
    this.expected.length = 0
    this.came.length = 0
    for (const calls of Object.values(this.calls)) calls.length = 0
  }

  /** What a server calls. */
  private handler(name: string, method: AnyMethod): AnyHandler {
    if (streamsResponses(method.kind)) {
      return (input, context) => this.answerWithStream(this.begin(name, method, input, context))
    }
    return (input, context) => this.answer(this.begin(name, method, input, context))
  }

  private begin(name: string, method: AnyMethod, input: unknown, context: ServerContext): MockedCall {
    const record = recordCall(method, context)
    const reads = streamsRequests(method.kind)
    if (!reads) record.request = input
    const requests = reads ? new RequestReader(input as AsyncIterable<unknown>, record.requests!) : input
    const call: MockedCall = { name, input: requests, record, unexpected: false }
    this.came.push(call)
    this.calls[name]!.push(record as never)
    return call
  }

  private async answer(call: MockedCall): Promise<unknown> {
    const { input, record } = call
    const handler = await this.handlerFor(call)
    record.response = await handler(input, record.context)
    return record.response
  }

  private async *answerWithStream(call: MockedCall): AsyncGenerator<unknown> {
    const { input, record } = call
    const handler = await this.handlerFor(call)
    for await (const response of handler(input, record.context) as Responses<unknown>) {
      record.responses!.push(response)
      yield response
    }
  }

  /** What answers a call. @throws StatusError when nothing does */
  private async handlerFor(call: MockedCall): Promise<AnyHandler> {
    const own = this.own.get(call.name)
    for (const expectation of this.expected) {
      if (expectation.name !== call.name || !expectation.open) continue
      const { input } = call
      const meets = input instanceof RequestReader ? await expectation.meetsAll(input) : expectation.meets(input)
      // Another call may have been the last one for it while this one's requests were read.
      if (meets && expectation.open) return expectation.take(own)
    }
    if (own !== undefined) return own
    call.unexpected = true
    throw new StatusError(
      "UNIMPLEMENTED",
      `the mock of ${this.service.typeName} does not expect ${shown(call)}: ${this}`,
    )
  }

  toString(): string {
    const mocked = [...this.own.keys()].map((name) => `${name} has a handler`)
    const expected = this.expected.map((expectation) => `expected is ${expectation}`)
    return [...mocked, ...expected].join(", ") || "nothing is mocked"
  }
}

function shown({ name, record }: MockedCall): string {
  return `${name}(${showMessage(record.requests ?? record.request)})`
}
