import { type AnyMethod, streamsRequests, streamsResponses } from "../../core/service.js"
import { StatusError } from "../../core/status-error.js"
import type { AnyHandler } from "../../server/servicer.js"
import type { Expectation } from "./expectation.js"
import { hasFields, haveFields } from "./request-pattern.js"
import { RequestReader } from "./request-reader.js"
import { showMessage } from "./show-message.js"

/** An expectation, as its mock uses it. */
export class ExpectedCall implements Expectation<AnyMethod> {
  readonly name: string
  private readonly method: AnyMethod
  private readonly matching: unknown
  /** Calls that were this one. */
  private came = 0
  private readonly once: AnyHandler[] = []
  private onceInAll = 0
  private always: AnyHandler | undefined = undefined
  private exactly: number | undefined = undefined

  /** @throws TypeError when `matching` is of the wrong form */
  constructor(name: string, method: AnyMethod, matching: unknown) {
    this.name = name
    this.method = method
    this.matching = matching
    if (matching === undefined || typeof matching === "function") return
    const streams = streamsRequests(method.kind)
    if (streams ? Array.isArray(matching) : isObject(matching) && !Array.isArray(matching)) return
    const form = streams ? "a list of requests" : "a request"
    throw new TypeError(`expect.${name}: it takes ${form}, or a function; this is ${showMessage(matching)}`)
  }

  reply(answer: unknown): this {
    const handler = this.handlerOf(answer)
    if (isObject(answer) && "next" in answer && typeof answer.next === "function") {
      throw new TypeError(`expect.${this.name}: reply needs what can be read for every call: a list, or a function`)
    }
    this.always = handler
    return this
  }

  replyOnce(answer: unknown): this {
    this.once.push(this.handlerOf(answer))
    this.onceInAll++
    return this
  }

  fail(error: StatusError): this {
    return this.reply(this.failing(error))
  }

  failOnce(error: StatusError): this {
    return this.replyOnce(this.failing(error))
  }

  times(count: number): this {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(`expect.${this.name}: times is ${count}, and must be an integer of at least 0`)
    }
    this.exactly = count
    return this
  }

  /** Whether further calls may be this one. */
  get open(): boolean {
    if (this.exactly !== undefined) return this.came < this.exactly
    return this.once.length > 0 || this.always !== undefined || this.onceInAll === 0
  }

  /** Whether a call's one request is what is expected. */
  meets(request: unknown): boolean {
    return typeof this.matching === "function" ? this.matching(request) === true : hasFields(request, this.matching)
  }

  /** The same for requests that are a stream, of which it reads as many as it takes to know. */
  async meetsAll(requests: RequestReader): Promise<boolean> {
    const { matching, method } = this
    if (matching === undefined) return true
    if (typeof matching === "function") return matching(await requests.lookAhead()) === true
    const wanted = matching as readonly unknown[]
    const begins = method.kind === "bidiStreaming"
    const seen = await requests.lookAhead(begins ? wanted.length : undefined)
    return haveFields(begins ? seen.slice(0, wanted.length) : seen, wanted)
  }

  /**
   * Takes a call for its own; returns what answers it.
   * @param own the mock's own handler
   */
  take(own: AnyHandler | undefined): AnyHandler {
    this.came++
    return this.once.shift() ?? this.always ?? own ?? this.handlerOf(streamsResponses(this.method.kind) ? [] : {})
  }

  /** What is wanting, in words; `undefined`: nothing. */
  get complaint(): string | undefined {
    const { exactly, came, onceInAll } = this
    if (exactly === undefined ? came >= Math.max(1, onceInAll) : came === exactly) return undefined
    const often = exactly === undefined && onceInAll === 0 ? "" : `, ${times(exactly ?? onceInAll)}`
    return `${this}${often}: it ${came === 0 ? "never came" : `came ${times(came)}`}`
  }

  toString(): string {
    return `${this.name}(${this.matching === undefined ? "" : showMessage(this.matching)})`
  }

  /** @throws TypeError when it is none of the answers that the method can have */
  private handlerOf(answer: unknown): AnyHandler {
    if (typeof answer === "function") return answer as AnyHandler
    const { name, method } = this
    const iterable = isObject(answer) && (Symbol.iterator in answer || Symbol.asyncIterator in answer)
    if (streamsResponses(method.kind) ? !iterable : !isObject(answer) || iterable) {
      const form = streamsResponses(method.kind) ? "a list of responses" : "a response"
      throw new TypeError(`expect.${name}: it answers with ${form}, or a function; this is ${showMessage(answer)}`)
    }
    return (requests) => {
      if (!(requests instanceof RequestReader)) return answer
      const read = requests.lookAhead()
      // One response ends the call, so it waits for the last request; a stream of them need not.
      if (method.kind === "clientStreaming") return read.then(() => answer)
      read.catch(() => {})
      return answer
    }
  }

  /** @throws TypeError when it is no StatusError */
  private failing(error: StatusError): AnyHandler {
    if (!(error instanceof StatusError)) {
      throw new TypeError(`expect.${this.name}: it fails with a StatusError; this is ${showMessage(error)}`)
    }
    return () => {
      throw error
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null
}

function times(count: number): string {
  return count === 0 ? "never" : count === 1 ? "once" : `${count} times`
}
