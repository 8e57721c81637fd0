import type { AnyMethod, MethodDefinition } from "../../core/service.js"
import type { StatusError } from "../../core/status-error.js"
import type { Handler, Responses } from "../../server/servicer.js"

/**
 * Says that a method is to be called: with what requests, and what is answered then. Without requests: with any.
 *
 * One request is told by the fields that it must have, or by a function that says whether it is the one; a stream of
 * them by a list of such fields, or by a function of all of them, called at their end. A list is all of a
 * client-streaming call's requests; of a bidirectional call's it is the first ones, with which the answering begins.
 */
export type Expect<Method extends AnyMethod> = (requests?: Matching<Method>) => Expectation<Method>

/** What requests are expected. */
export type Matching<Method extends AnyMethod> =
  Method extends MethodDefinition<infer Kind, infer Input, infer InputInit, infer _Output, infer _OutputInit>
    ? Kind extends "unary" | "serverStreaming"
      ? InputInit | ((request: Input) => boolean)
      : readonly InputInit[] | ((requests: readonly Input[]) => boolean)
    : never

/** What a mock answers: a message, or an iterable of them where responses are a stream; or a handler, which makes it. */
export type Answer<Method extends AnyMethod> =
  Method extends MethodDefinition<infer Kind, infer _Input, infer _InputInit, infer _Output, infer OutputInit>
    ? Handler<Method> | (Kind extends "unary" | "clientStreaming" ? OutputInit : Responses<OutputInit>)
    : never

/**
 * A call that a mock waits for. The `…Once` answers are given in their order, one call each; the other one from then on.
 * Without any, the mock's own handler answers, or, without one, an empty message or stream.
 *
 * `verify` wants as many calls as there are `…Once` answers, at least one; `times` says it exactly.
 */
export interface Expectation<Method extends AnyMethod> {
  reply(answer: Answer<Method>): this
  replyOnce(answer: Answer<Method>): this
  fail(error: StatusError): this
  failOnce(error: StatusError): this
  /** There are to be exactly so many calls; a further one is not this one any more. @throws RangeError for less than 0 */
  times(count: number): this
}
