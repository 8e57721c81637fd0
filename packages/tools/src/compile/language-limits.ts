import type { HalfOpenRange } from "./half-open-range.js"

// What .proto files may hold by the language itself; protoc refuses more in the same words.

/** The largest field number: a key on the wire has 32 bits, three of which are the wire type. */
export const MAX_FIELD_NUMBER = 0x1fffffff

/** Messages in messages. */
export const MAX_MESSAGE_DEPTH = 31

/** Field numbers that no message may use (protobuf.dev, "Assigning Field Numbers"): from the first up to, and without, the second. */
export const LIBRARY_NUMBERS: HalfOpenRange = { start: 19_000, end: 20_000 }
