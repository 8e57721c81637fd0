import type { StreamTestServicer } from "./gen/example_grpc.js"

/** StreamTest; `print` gets each message. */
export function createStreamTest(print: (line: string) => void): StreamTestServicer {
  return {
    async clientStream(requests) {
      for await (const { message } of requests) {
        print(message)
        // The answer goes out at once: a handler need not read a stream to its end.
        if (message === "close") return { message: "close!😢" }
      }
      return { message: "ok!🐧" }
    },
  }
}
