import { type StatusCode, StatusError } from "farcall"
import type { Payload } from "./gen/grpc/testing/test_pb.js"

/** @throws Error, which says both, when the two are not equal */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (found !== wanted) throw new Error(`${what}: ${found}, not ${wanted}`)
}

/** @throws Error unless the payload is of zeros, and of the right length */
export function expectZeros(payload: Payload | undefined, size: number): void {
  const body = payload?.body ?? new Uint8Array(0)
  expectEqual("bytes of the response's payload", body.length, size)
  if (body.some((byte) => byte !== 0)) throw new Error("the response's payload is not all zeros")
}

/** How a call failed. @throws Error when it did not, or with another code */
export async function expectFailure(code: StatusCode, call: () => Promise<unknown>): Promise<StatusError> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (error.code !== code) throw new Error(`the call ended ${error.code}, not ${code}: ${error.message}`)
    return error
  }
  throw new Error(`the call ended OK, not ${code}`)
}

/** All of a stream's messages. */
export async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const message of messages) all.push(message)
  return all
}

/** The next message of a stream. @throws Error when it has ended */
export async function nextOf<T>(messages: AsyncIterator<T>): Promise<T> {
  const { done, value } = await messages.next()
  if (done === true) throw new Error("the stream of responses has ended")
  return value
}

export function zeros(size: number): { body: Uint8Array } {
  return { body: new Uint8Array(size) }
}
