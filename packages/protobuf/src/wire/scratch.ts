// One 8-byte cell under several views turns 64-bit integers and floats into 32-bit halves and back without allocating.

export interface Scratch {
  readonly int32s: Int32Array
  readonly int64s: BigInt64Array
  readonly uint64s: BigUint64Array
  readonly float32s: Float32Array
  readonly float64s: Float64Array
  /** Where the low and the high half of the 64-bit views lie in `int32s`. */
  readonly LOW: 0 | 1
  readonly HIGH: 0 | 1
}

const cell = new ArrayBuffer(8)
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/**
 * Modules make constants of their own of these: V8 compiles the address of an array into code for a constant of the same
 * module, and looks up one that is imported each time (reading and writing 64-bit integers takes a tenth longer).
 */
export const scratch: Scratch = {
  int32s: new Int32Array(cell),
  int64s: new BigInt64Array(cell),
  uint64s: new BigUint64Array(cell),
  float32s: new Float32Array(cell),
  float64s: new Float64Array(cell),
  LOW: littleEndian ? 0 : 1,
  HIGH: littleEndian ? 1 : 0,
}
