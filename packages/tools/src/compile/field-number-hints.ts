import type { DescriptorProto } from "@bufbuild/protobuf/wkt"
import type { LinkContext } from "./link-context.js"
import type { DescriptorNode } from "./source-info.js"
import { MAX_FIELD_NUMBER } from "./token-stream.js"

/** Messages whose field numbers are wrong, and numbers that they could use instead. */
export class FieldNumberHints {
  private readonly requests = new Map<DescriptorProto, { name: string; first: DescriptorNode; count: number }>()

  /** Asks for one more number to be suggested for a message; the suggestion stands at the first place that asked. */
  request(message: DescriptorProto, name: string, at: DescriptorNode): void {
    const request = this.requests.get(message)
    if (request) request.count++
    else this.requests.set(message, { name, first: at, count: 1 })
  }

  report(context: LinkContext): void {
    for (const [message, { name, first, count }] of this.requests) {
      const free = freeNumbers(message, Math.min(count, MOST_SUGGESTED))
      context.error(first, "number", `Suggested field numbers for ${name}: ${free.join(", ")}`)
    }
  }
}

const MOST_SUGGESTED = 3

function freeNumbers(message: DescriptorProto, count: number): number[] {
  const taken: [start: number, end: number][] = [
    ...message.field.map(({ number }): [number, number] => [number, number + 1]),
    ...[...message.reservedRange, ...message.extensionRange].map(({ start, end }): [number, number] => [start, end]),
    [MAX_FIELD_NUMBER + 1, Number.POSITIVE_INFINITY],
    [19000, 20000],
  ]
  taken.sort(([left], [right]) => left - right)
  const free: number[] = []
  let next = 1
  for (const [start, end] of taken) {
    while (next < start && free.length < count) free.push(next++)
    next = Math.max(next, end)
  }
  return free
}
