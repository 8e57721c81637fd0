import { createServer, type Server, type ServerContext, StatusError } from "farcall"
import { Parrot, type Text } from "../../../packages/farcall/dist/test-support/parrot.js"

/** What a handler is told to do, in the metadata of its call. */
export const behaviours = ["answer", "answer", "answer", "wait", "fail", "throw", "hang", "stop-reading"] as const
export type Behaviour = (typeof behaviours)[number]

/** Servers one after another: each goes away with GOAWAY when the next one is there. */
export class RestlessServer {
  port = 0
  /** Handlers that were called. */
  handlers = 0
  restarts = 0
  readonly faults: string[] = []
  #running = 0
  #server: Server | undefined = undefined
  readonly #going: Promise<void>[] = []

  static async start(): Promise<RestlessServer> {
    const server = new RestlessServer()
    await server.#next()
    return server
  }

  async restart(): Promise<void> {
    const old = this.#server!
    await this.#next()
    this.restarts++
    // Some calls end within the grace, some do not.
    this.#going.push(old.shutdown({ graceMs: 150 }))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#going, this.#server!.shutdown({ graceMs: 0 })])
    this.#server = undefined
  }

  /** Every handler that was called has come to its end. */
  checkEnded(): void {
    if (this.#running !== 0) this.faults.push(`${this.#running} handlers never ended`)
  }

  async #next(): Promise<void> {
    const server = createServer({ onHandlerError: () => {} })
    server.add(Parrot, {
      say: (request, context) => this.#handle(context, async () => request),
      gather: (requests, context) =>
        this.#handle(context, async (behaviour) => {
          const texts: string[] = []
          for await (const { text } of requests) {
            texts.push(text)
            if (behaviour === "stop-reading") break
          }
          return { text: summaryOf(texts) }
        }),
      repeat: (request, context) => this.#handleStream(context, () => repeated(request.text)),
      chat: (requests, context) => this.#handleStream(context, () => requests),
    })
    this.port = (await server.listen("127.0.0.1:0")).port!
    this.#server = server
  }

  async #handle(context: ServerContext, answer: (behaviour: Behaviour) => Promise<Text>): Promise<Text> {
    this.handlers++
    this.#running++
    try {
      const behaviour = await behave(context)
      return await answer(behaviour)
    } finally {
      this.#running--
    }
  }

  async *#handleStream(
    context: ServerContext,
    answers: () => AsyncIterable<Text> | Iterable<Text>,
  ): AsyncGenerator<Text> {
    this.handlers++
    this.#running++
    try {
      const behaviour = await behave(context)
      for await (const text of answers()) {
        yield text
        if (behaviour === "stop-reading") return
      }
    } finally {
      this.#running--
    }
  }
}

async function behave(context: ServerContext): Promise<Behaviour> {
  const behaviour = (context.metadata.get("behaviour") ?? "answer") as Behaviour
  switch (behaviour) {
    case "wait":
      await aborted(context.signal, 30)
      break
    case "hang":
      await aborted(context.signal, undefined)
      break
    case "fail":
      throw new StatusError("NOT_FOUND", "as told")
    case "throw":
      throw new Error("as told")
  }
  return behaviour
}

/** Resolves when the call is over, or after so many milliseconds. */
function aborted(signal: AbortSignal, ms: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = ms === undefined ? undefined : setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener("abort", done)
      resolve()
    }
    if (signal.aborted) done()
    else signal.addEventListener("abort", done)
  })
}

/** Of what was sent and what was received: equal only when both are the same. */
export function summaryOf(texts: readonly string[]): string {
  let hash = 0
  for (const text of texts)
    for (let i = 0; i < text.length; i += 97) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return `${texts.length} texts, ${texts.reduce((sum, text) => sum + text.length, 0)} long, hash ${hash}`
}

/** `COUNT SIZE` asks for so many texts of that size. */
export function* repeated(asked: string): Generator<Text> {
  const [count, size] = asked.split(" ").map(Number) as [number, number]
  for (let i = 0; i < count; i++) yield { text: `${i}:`.padEnd(size, String(i % 10)) }
}
