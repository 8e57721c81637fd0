import type { DescriptorProto } from "@bufbuild/protobuf/wkt"
import { LIBRARY_NUMBERS, MAX_FIELD_NUMBER } from "./language-limits.js"
import type { LinkContext } from "./link-context.js"
import type { DescriptorNode } from "./source-info.js"
import { qualified } from "./symbols.js"

/** Messages whose field numbers are wrong, and numbers that they could use instead. */
export class FieldNumberHints {
  private readonly requests = new Map<DescriptorProto, { first: DescriptorNode; count: number }>()

  /** Asks for numbers to be suggested for a message; the suggestion stands at the first place that asked. */
  request(message: DescriptorProto, at: DescriptorNode, count: number = 1): void {
    const request = this.requests.get(message)
    if (request) request.count += count
    else this.requests.set(message, { first: at, count })
  }

  /** Like protoc, suggests nothing for nested messages. */
  report(context: LinkContext): void {
    const { proto } = context.file
    for (const message of proto.messageType) {
      const request = this.requests.get(message)
      if (!request) continue
      const free = freeNumbers(message, Math.min(request.count, MOST_SUGGESTED))
      const name = qualified(proto.package, message.name)
      context.error(request.first, "number", `Suggested field numbers for ${name}: ${free.join(", ")}`)
    }
  }
}

const MOST_SUGGESTED = 3

/** The lowest field numbers that a message could still use. */
function freeNumbers(message: DescriptorProto, count: number): number[] {
  const taken: [start: number, end: number][] = [
    ...message.field.map(({ number }): [number, number] => [number, number + 1]),
    ...[...message.reservedRange, ...message.extensionRange].map(({ start, end }): [number, number] => [start, end]),
    [MAX_FIELD_NUMBER + 1, Number.POSITIVE_INFINITY],
    [LIBRARY_NUMBERS.start, LIBRARY_NUMBERS.end],
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
