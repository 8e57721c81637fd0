interface TestEvent {
  readonly type: string
  readonly data: {
    readonly name: string
    readonly nesting: number
    readonly details?: { readonly type?: string; readonly error?: Error & { readonly cause?: unknown } }
  }
}

/** A reporter for `node --test` that prints beginnings and ends of tests as lines of JSON, for programs to read. */
export default async function* report(events: AsyncIterable<TestEvent>): AsyncIterable<string> {
  for await (const { type, data } of events) {
    const { name, nesting, details } = data
    if (type === "test:start") yield line({ type: "start", data: { name, nesting } })
    else if (type === "test:pass") yield line({ type: "end", data: { name, nesting, kind: details?.type } })
    else if (type === "test:fail") {
      const cause = details?.error?.cause
      const message = cause instanceof Error ? cause.message : String(cause)
      yield line({ type: "end", data: { name, nesting, kind: details?.type, message } })
    }
  }
}

function line(event: object): string {
  return `${JSON.stringify(event)}\n`
}
