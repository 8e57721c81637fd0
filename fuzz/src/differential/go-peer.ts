import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Peer } from "./peer.js"
import type { ClientView, ServerView } from "./views.js"

interface Answer {
  readonly id: number
  readonly port?: number
  readonly view?: unknown
}

/** Go's `golang.org/x/net/http2`, in a process of its own (conformance/go/http2-peer). */
export function startGoPeer(program: string): Peer {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] })
  const answers = new Answers(child)
  let lastId = 0
  const abortWith = (signal: AbortSignal, id: number) =>
    signal.addEventListener("abort", () => answers.ask({ id, abort: true }))
  return {
    async serve(conversation, signal) {
      const id = ++lastId
      const port = answers.next(id)
      answers.ask({ id, serve: conversation })
      const { port: number = 0 } = await port
      abortWith(signal, id)
      return { port: number, view: answers.next(id).then(({ view }) => view as ServerView) }
    },
    async call(conversation, port, signal) {
      const id = ++lastId
      const view = answers.next(id)
      answers.ask({ id, call: conversation, port })
      abortWith(signal, id)
      return (await view).view as ClientView
    },
    async close() {
      const ended = new Promise((resolve) => child.once("close", resolve))
      child.stdin!.end()
      await ended
    },
  }
}

/** Who waits for which answer. */
class Answers {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()

  constructor(child: ChildProcess) {
    this.#child = child
    // It says why on stderr.
    child.stdin!.on("error", () => {})
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const answer = JSON.parse(line) as Answer
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      waiting?.resolve(answer)
    })
    child.on("error", (error) => this.#fail(error))
    child.on("close", () => this.#fail(new Error("the peer in Go has ended")))
  }

  ask(command: object): void {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`)
  }

  next(id: number): Promise<Answer> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
