import type { AttemptStart, ClientCallStart, MessageTotals } from "../core/call-tracer.js"
import type { Status } from "../core/status.js"

/** What is measured of calls, by one set of names. */
export interface CallMetrics {
  /** Of a client's calls of one method to one target: the same for each of them. */
  client(method: CalledMethod, target: CalledTarget): ClientMetrics
  /** Of a server's calls of one method. */
  server(method: CalledMethod): ServerMetrics
}

export interface ClientMetrics {
  onAttempt(): void
  onAttemptEnd(status: Status, seconds: number, attempt: MessageTotals): void
  onEnd(status: Status, seconds: number, call: ClientCallStart): void
}

export interface ServerMetrics {
  onStart(): void
  onEnd(status: Status, seconds: number, call: MessageTotals): void
}

/** Several sets as one; `undefined`: there is none. */
export function allClientMetrics(sets: readonly ClientMetrics[]): ClientMetrics | undefined {
  if (sets.length < 2) return sets[0]
  return {
    onAttempt() {
      for (const set of sets) set.onAttempt()
    },
    onAttemptEnd(status, seconds, attempt) {
      for (const set of sets) set.onAttemptEnd(status, seconds, attempt)
    },
    onEnd(status, seconds, call) {
      for (const set of sets) set.onEnd(status, seconds, call)
    },
  }
}

/** The same of a server's. */
export function allServerMetrics(sets: readonly ServerMetrics[]): ServerMetrics | undefined {
  if (sets.length < 2) return sets[0]
  return {
    onStart() {
      for (const set of sets) set.onStart()
    },
    onEnd(status, seconds, call) {
      for (const set of sets) set.onEnd(status, seconds, call)
    },
  }
}

/** For sets that measure no attempts. */
export const attemptsUnmeasured: Pick<ClientMetrics, "onAttempt" | "onAttemptEnd"> = {
  onAttempt() {},
  onAttemptEnd() {},
}

export type AttemptKind = "original" | "retry" | "hedge" | "transparent"

/** Why there is an attempt. */
export function kindOf({ number, transparent, hedged }: AttemptStart): AttemptKind {
  if (transparent) return "transparent"
  if (number === 1) return "original"
  return hedged ? "hedge" : "retry"
}

/** A method as it is measured: names that anybody may think of are not. */
export interface CalledMethod {
  /** `package.Service/Method`; `undefined`: one that is nobody's. */
  readonly name: string | undefined
  readonly service: string
  readonly method: string
}

export interface CalledTarget {
  /** In canonical form: `dns:///localhost:50051`. */
  readonly uri: string
  readonly address: string
  readonly port: number | undefined
}

/** Of each status what is made for it when it first comes. */
export class ByStatus<Value> {
  private readonly made: (Value | undefined)[] = []
  private readonly make: (status: Status) => Value

  constructor(make: (status: Status) => Value) {
    this.make = make
  }

  get(status: Status): Value {
    return (this.made[status.codeNumber & 31] ??= this.make(status))
  }
}
