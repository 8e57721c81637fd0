import {
  type Context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from "@opentelemetry/api"
import { decodeBase64, encodeBase64 } from "../core/base64.js"

const KEY = "grpc-trace-bin"

/**
 * Carries a span's context in `grpc-trace-bin`, as programs do that are still instrumented with OpenCensus (gRPC A72).
 * What is malformed is passed over, as if nothing had come. For use beside others, in a `CompositePropagator`.
 */
export const grpcTraceBinPropagator: TextMapPropagator = {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context)
    if (span !== undefined && isSpanContextValid(span)) setter.set(carrier, KEY, encodeBase64(encodeSpanContext(span)))
  },
  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const value = getter.get(carrier, KEY)
    // Of several the first counts.
    const text = Array.isArray(value) ? value[0] : value
    const bytes = text === undefined ? undefined : decodeBase64(text)
    const span = bytes && decodeSpanContext(bytes)
    return span === undefined ? context : trace.setSpanContext(context, span)
  },
  fields: () => [KEY],
}

/*
 * OpenCensus's binary encoding: a version, then fields by ascending number.
 *
 *     0 | 0, trace id (16 bytes) | 1, span id (8 bytes) | 2, options (1 byte)
 */
const TRACE_ID = 1
const SPAN_ID = TRACE_ID + 17
const OPTIONS = SPAN_ID + 9
const LENGTH = OPTIONS + 2

export function encodeSpanContext({ traceId, spanId, traceFlags }: SpanContext): Uint8Array {
  const bytes = new Uint8Array(LENGTH)
  writeHex(bytes, TRACE_ID + 1, traceId)
  bytes[SPAN_ID] = 1
  writeHex(bytes, SPAN_ID + 1, spanId)
  bytes[OPTIONS] = 2
  bytes[OPTIONS + 1] = traceFlags & TraceFlags.SAMPLED
  return bytes
}

/** `undefined` for what is no span's context. Fields of numbers that are not known end what is read, as the format has it. */
export function decodeSpanContext(bytes: Uint8Array): SpanContext | undefined {
  if (bytes.length < OPTIONS || bytes[0] !== 0 || bytes[TRACE_ID] !== 0 || bytes[SPAN_ID] !== 1) return undefined
  const hasOptions = bytes.length >= LENGTH && bytes[OPTIONS] === 2
  const span: SpanContext = {
    ...INVALID_SPAN_CONTEXT,
    traceId: readHex(bytes, TRACE_ID + 1, SPAN_ID),
    spanId: readHex(bytes, SPAN_ID + 1, OPTIONS),
    traceFlags: hasOptions ? bytes[OPTIONS + 1]! & TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  }
  return isSpanContextValid(span) ? span : undefined
}

function writeHex(into: Uint8Array, at: number, hex: string): void {
  for (let i = 0; i < hex.length; i += 2) into[at + i / 2] = Number.parseInt(hex.slice(i, i + 2), 16)
}

function readHex(bytes: Uint8Array, start: number, stop: number): string {
  let hex = ""
  for (let i = start; i < stop; i++) hex += bytes[i]!.toString(16).padStart(2, "0")
  return hex
}
