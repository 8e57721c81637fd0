import { StatusError } from "farcall"

/** What a call failed with, or OK. What it failed with is a StatusError, or a mistake of the test. */
export async function codeOf(call: PromiseLike<unknown>): Promise<string> {
  try {
    await call
    return "OK"
  } catch (error) {
    if (error instanceof StatusError) return error.code
    throw error
  }
}
