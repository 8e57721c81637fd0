import { limits } from "../core/limits.js"
import { StatusError } from "../core/status-error.js"
import { type Answer, answer, errorAnswer, type Question } from "./answer.js"
import type { DescriptorIndex } from "./descriptor-index.js"
import type { ReflectedFile } from "./reflected-file.js"

/** A `ServerReflectionRequest` of v1 or of v1alpha. */
interface Request {
  readonly host: string
  readonly messageRequest: Question
}

/** A `ServerReflectionResponse` of the same. */
interface Response<Asked> {
  validHost: string
  originalRequest?: Asked
  messageResponse: Answer
}

/** The calls of ServerReflectionInfo, of either version: to each request its response, in their order. */
export class ReflectionStreams {
  private readonly index: () => Promise<DescriptorIndex>
  /** What ends each of them, where it waits for a request. */
  private readonly running: Set<() => void> = new Set()
  private ended = false

  /** @param index made or at hand when it is asked for */
  constructor(index: () => Promise<DescriptorIndex>) {
    this.index = index
  }

  async *answer<Asked extends Request>(requests: AsyncIterable<Asked>): AsyncGenerator<Response<Asked>> {
    let endNow!: () => void
    const end = new Promise<undefined>((resolve) => (endNow = () => resolve(undefined)))
    // One that comes while the server drains was on its way before, with its first request.
    let mayEnd = !this.ended
    if (this.ended) endNow()
    this.running.add(endNow)
    try {
      const sent = new Set<ReflectedFile>()
      const iterator = requests[Symbol.asyncIterator]()
      for (let answered = 0; ; answered++) {
        const next = await (mayEnd ? Promise.race([iterator.next(), end]) : iterator.next())
        mayEnd = true
        if (next === undefined || next.done === true) return
        if (answered >= limits.maxReflectionRequests) {
          throw new StatusError("RESOURCE_EXHAUSTED", `a stream of reflection has ${answered} requests at the most`)
        }
        yield respond(next.value, await this.index(), sent)
      }
    } finally {
      this.running.delete(endNow)
    }
  }

  /** Ends those that are there, and those that come once they have answered: nothing more is waited for. */
  end(): void {
    this.ended = true
    for (const endNow of this.running) endNow()
  }
}

function respond<Asked extends Request>(
  request: Asked,
  index: DescriptorIndex,
  sent: Set<ReflectedFile>,
): Response<Asked> {
  const { host, messageRequest } = request
  const longest = Math.max(host.length, ...textsOf(messageRequest).map(({ length }) => length))
  if (longest > limits.maxAskedNameLength) {
    // Nor is such a request sent back.
    const what = `a name has ${longest} characters, the limit is ${limits.maxAskedNameLength}`
    return { validHost: "", messageResponse: errorAnswer("INVALID_ARGUMENT", what) }
  }
  return { validHost: host, originalRequest: request, messageResponse: answer(messageRequest, index, sent) }
}

function textsOf(question: Question): readonly string[] {
  if (question.case === undefined) return []
  return [question.case === "fileContainingExtension" ? question.value.containingType : question.value]
}
