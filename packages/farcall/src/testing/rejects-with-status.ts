import { AssertionError } from "node:assert"
import { isDeepStrictEqual } from "node:util"
import type { ErrorStatusCode, StatusDetail } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { showMessage } from "./stand-ins/show-message.js"

/** A call that is to fail: a unary call's promise, or what any other call gives; its responses are read to their end. */
export type FailingCall = PromiseLike<unknown> | AsyncIterable<unknown> | { readonly response: PromiseLike<unknown> }

/**
 * Asserts that a call fails with a status, and returns its error.
 *
 *     const error = await rejectsWithStatus(client.sayHello({}), "INVALID_ARGUMENT", /name is empty/)
 *
 * @param call may also be a function that makes it
 * @param message what the status's message is, or a pattern that it matches
 * @param details all of the details that it carries, in their order
 * @throws AssertionError that says what came instead; TypeError when `call` is no call
 */
export async function rejectsWithStatus(
  call: FailingCall | (() => FailingCall),
  code: ErrorStatusCode,
  message?: RegExp | string,
  details?: readonly StatusDetail[],
): Promise<StatusError> {
  const outcome = await outcomeOf(call)
  const expected = `${code}${message === undefined ? "" : ` ${message instanceof RegExp ? message : quoted(message)}`}`
  const complain = (what: string, actual: unknown): never => {
    const text = `the call was to fail with ${expected}, and ${what}`
    const stackStartFn = rejectsWithStatus
    throw new AssertionError({ message: text, actual, expected, operator: "rejectsWithStatus", stackStartFn })
  }
  if (!("error" in outcome)) return complain(`succeeded with ${showMessage(outcome.value)}`, outcome.value)
  const { error } = outcome
  if (!(error instanceof StatusError)) {
    return complain(
      `failed with what is no StatusError: ${error instanceof Error ? error.stack : String(error)}`,
      error,
    )
  }
  const actual = `${error.code} ${quoted(error.message)}`
  const matches =
    message instanceof RegExp ? error.message.search(message) >= 0 : message === undefined || message === error.message
  if (error.code !== code || !matches) return complain(`failed with ${actual}${causeOf(error)}`, actual)
  if (details !== undefined && !isDeepStrictEqual(comparable(error.details), comparable(details))) {
    return complain(`carried ${shown(error.details)}, not ${shown(details)}`, error.details)
  }
  return error
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }

async function outcomeOf(given: FailingCall | (() => FailingCall)): Promise<Outcome> {
  const call: unknown = typeof given === "function" ? given() : given
  if (typeof call === "object" && call !== null) {
    if ("then" in call) return settled(call)
    if (Symbol.asyncIterator in call) return readToEnd(call as AsyncIterable<unknown>)
    if ("response" in call) return settled(call.response)
  }
  throw new TypeError(`rejectsWithStatus takes a call, not ${showMessage(call)}`)
}

/** A call object has an iterator and a `response`, whatever its kind: one of the two is of use. */
async function readToEnd(call: AsyncIterable<unknown> & { readonly response?: unknown }): Promise<Outcome> {
  const responses: unknown[] = []
  try {
    for await (const response of call) responses.push(response)
  } catch (error) {
    return error instanceof StatusError || !("response" in call) ? { error } : settled(call.response)
  }
  if (responses.length > 0 || !("response" in call)) return { value: responses }
  const single = await settled(call.response)
  return "value" in single && single.value !== undefined ? single : { value: responses }
}

async function settled(promise: unknown): Promise<Outcome> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error }
  }
}

function quoted(text: string): string {
  return text === "" ? "and no message" : JSON.stringify(text)
}

function causeOf({ cause }: StatusError): string {
  return cause === undefined
    ? ""
    : `, caused by ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`
}

/** Details as they are compared: a Buffer's bytes are those of any other array. */
function comparable(details: readonly StatusDetail[]): unknown {
  return details.map(({ typeUrl, value }) => ({ typeUrl, value: new Uint8Array(value) }))
}

function shown(details: readonly StatusDetail[]): string {
  if (details.length === 0) return "no details"
  return details.map(({ typeUrl, value }) => `${typeUrl} (${Buffer.from(value).toString("hex")})`).join(", ")
}
