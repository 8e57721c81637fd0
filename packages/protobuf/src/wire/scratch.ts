// One 8-byte cell under several views turns 64-bit integers and floats into 32-bit halves and back without allocating.

const cell = new ArrayBuffer(8)

export const int32s: Int32Array = new Int32Array(cell)
export const int64s: BigInt64Array = new BigInt64Array(cell)
export const uint64s: BigUint64Array = new BigUint64Array(cell)
export const float32s: Float32Array = new Float32Array(cell)
export const float64s: Float64Array = new Float64Array(cell)

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Where the low and the high half of the 64-bit views lie in `int32s`. */
export const LOW: 0 | 1 = littleEndian ? 0 : 1
export const HIGH: 0 | 1 = littleEndian ? 1 : 0
