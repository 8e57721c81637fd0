import assert from "node:assert/strict"
import type { AttemptTrace, CallEnd, CallTracer, MessageEvents, ServerCallTrace } from "../core/call-tracer.js"
import type { Servicer } from "../server/servicer.js"
import { createTestPair, type TestPair, type TestPairOptions } from "../testing/test-pair.js"
import { Parrot } from "./parrot.js"

/** A tracer that writes down what it is told, a line each, client's and server's apart. */
export class NotingTracer implements CallTracer {
  readonly client: string[] = []
  readonly server: string[] = []
  /** Ends in full, of calls and attempts, in the order in which they came. */
  readonly ends: CallEnd[] = []

  clientCall({ method, target }: Parameters<NonNullable<CallTracer["clientCall"]>>[0]): {
    attempt(attempt: { number: number; transparent: boolean; hedged: boolean; delayMs: number }): AttemptTrace
    onEnd(end: CallEnd): void
  } {
    const note = (line: string): void => void this.client.push(line)
    note(`${method.kind} ${method.path} to ${target}`)
    return {
      attempt: ({ number, transparent, hedged, delayMs }) => {
        const kind = transparent ? " anew" : hedged ? " beside" : ""
        const delay = delayMs === 0 ? "" : ` after ${delayMs} ms`
        note(`attempt ${number}${kind}${delay}`)
        return {
          onStream: ({ streamId }) => note(`${number}: stream ${streamId}`),
          onHeaders: (headers) => note(`${number}: headers ${[...headers()].map(([key]) => key).join(" ")}`.trim()),
          ...notingMessages((line) => note(`${number}: ${line}`)),
          onEnd: (end) => note(`${number}: ${this.ended(end)}`),
        }
      },
      onEnd: (end) => note(this.ended(end)),
    }
  }

  serverCall({ path, method, timeoutMs }: Parameters<NonNullable<CallTracer["serverCall"]>>[0]): ServerCallTrace {
    const note = (line: string): void => void this.server.push(line)
    note(`${path} is ${method?.kind ?? "unknown"}${timeoutMs === Number.POSITIVE_INFINITY ? "" : `, ${timeoutMs} ms`}`)
    return {
      run(call) {
        note("run {")
        call()
        note("}")
      },
      onHandler: () => note("handler"),
      onHeadersSent: (headers) => note(`headers ${[...headers()].map(([key]) => key).join(" ")}`.trim()),
      ...notingMessages(note),
      onEnd: (end) => note(this.ended(end)),
    }
  }

  private ended(end: CallEnd): string {
    this.ends.push(end)
    return `${end.status.code} by the ${end.endedBy}`
  }
}

/** A pair that is watched on both sides. */
export async function traced(
  servicer: Partial<Servicer<typeof Parrot>>,
  options: TestPairOptions = {},
): Promise<TestPair<typeof Parrot> & { readonly tracer: NotingTracer }> {
  const tracer = new NotingTracer()
  const pair = await createTestPair(Parrot, servicer, {
    ...options,
    server: { onHandlerError: () => {}, tracers: [tracer], ...options.server },
    channel: { tracers: [tracer], ...options.channel },
  })
  return Object.assign(pair, { tracer })
}

function notingMessages(note: (line: string) => void): MessageEvents {
  const line = (what: string, sequence: number, size: number, wireSize: number, compressed: boolean): string =>
    `${what} ${sequence}: ${size}${compressed ? ` as ${wireSize < size ? "fewer" : "more"}` : ""}`
  return {
    onMessageSent: (...message) => note(line("sent", ...message)),
    onMessageReceived: (...message) => note(line("received", ...message)),
  }
}

/** A tracer that counts, and fails the test where something does not end exactly once, or something comes behind an end. */
export class TallyingTracer implements CallTracer {
  begun = 0
  open = 0

  clientCall(): { attempt(): AttemptTrace; onEnd(): void } {
    const call = this.life()
    let attempts = 0
    return {
      attempt: () => {
        attempts++
        const attempt = this.life()
        return {
          onStream: attempt.event,
          onHeaders: attempt.event,
          onMessageSent: attempt.event,
          onMessageReceived: attempt.event,
          onEnd: () => {
            call.event()
            attempts--
            attempt.end()
          },
        }
      },
      onEnd: () => {
        assert.equal(attempts, 0, "a call ended before its attempts")
        call.end()
      },
    }
  }

  serverCall(): ServerCallTrace {
    const call = this.life()
    return {
      run(task) {
        call.event()
        task()
      },
      onHandler: call.event,
      onHeadersSent: call.event,
      onMessageSent: call.event,
      onMessageReceived: call.event,
      onEnd: call.end,
    }
  }

  onError(error: unknown): void {
    this.failure ??= error
  }

  /** What was wrong. */
  failure: unknown = undefined

  private life(): { event(): void; end(): void } {
    this.begun++
    this.open++
    let over = false
    return {
      event: () => assert.ok(!over, "something was told behind the end"),
      end: () => {
        assert.ok(!over, "it ended twice")
        over = true
        this.open--
      },
    }
  }
}
