// The slow halves of the checks that encoders make: a value that is not plainly right comes here, to be converted where
// @bufbuild/protobuf converts (integers as decimal strings), or to be refused by the name of its field.

/** The text of a TypeError or RangeError: `helloworld.HelloRequest.count: 1.5 is not an int32`. */
function refusal(value: unknown, type: string, field: string): string {
  return `${field}: ${describe(value)} is not ${type}`
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === "bigint") return `${value}n`
  if (value === null || typeof value !== "object") return String(value)
  if (value instanceof Map) return "a Map"
  return Array.isArray(value) ? "an array" : "an object"
}

/** Always throws: the value is of the wrong type. */
export function wrongType(value: unknown, type: string, field: string): never {
  throw new TypeError(refusal(value, type, field))
}

function numberOf(value: unknown, type: string, field: string): number {
  if (typeof value === "number") return value
  if (typeof value === "string" && value.trim() !== "") return Number(value)
  return wrongType(value, type, field)
}

export function toInt32(value: unknown, field: string): number {
  const number = numberOf(value, "an int32", field)
  if ((number | 0) !== number) throw new RangeError(refusal(value, "an int32", field) + enumHint(value))
  return number
}

/** Values of enums are int32 on the wire: here comes who gives the name of one, as JSON and other codecs take it. */
function enumHint(value: unknown): string {
  if (typeof value !== "string" || !/^[A-Za-z_]\w*$/.test(value)) return ""
  return "; a value of an enum is a number, State.OPEN for instance, and not its name"
}

export function toUint32(value: unknown, field: string): number {
  const number = numberOf(value, "a uint32", field)
  if (number >>> 0 !== number) throw new RangeError(refusal(value, "a uint32", field))
  return number
}

/** A finite number that rounds to infinity does not fit a float; NaN and the infinities do. */
export function toFloat(value: unknown, field: string): number {
  if (typeof value !== "number") return wrongType(value, "a float", field)
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
    throw new RangeError(refusal(value, "a float", field))
  return value
}

export function toInt64(value: unknown, field: string): bigint {
  const integer = bigintOf(value, "an int64", field)
  if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(refusal(value, "an int64", field))
  return integer
}

export function toUint64(value: unknown, field: string): bigint {
  const integer = bigintOf(value, "a uint64", field)
  if (BigInt.asUintN(64, integer) !== integer) throw new RangeError(refusal(value, "a uint64", field))
  return integer
}

const decimal = /^-?[0-9]+$/

function bigintOf(value: unknown, type: string, field: string): bigint {
  if (typeof value === "bigint") return value
  if (typeof value === "number") {
    if (!Number.isInteger(value)) throw new RangeError(refusal(value, type, field))
    return BigInt(value)
  }
  if (typeof value === "string") {
    if (!decimal.test(value)) throw new RangeError(refusal(value, type, field))
    return BigInt(value)
  }
  return wrongType(value, type, field)
}

/** `create()` takes an array of numbers for a bytes field, so initialisers may have one. */
export function toBytes(value: unknown, field: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return new Uint8Array(value)
  // An array of another realm is no instance of this one's Uint8Array.
  if (Object.prototype.toString.call(value) === "[object Uint8Array]") return value as Uint8Array
  return wrongType(value, "a Uint8Array", field)
}

/** Keys of a map are property names: these turn them into what the key's type is. */
export function keyToInt32(key: string, field: string): number {
  return toInt32(key, `${field} (key)`)
}

export function keyToUint32(key: string, field: string): number {
  return toUint32(key, `${field} (key)`)
}

export function keyToInt64(key: string, field: string): bigint {
  return toInt64(key, `${field} (key)`)
}

export function keyToUint64(key: string, field: string): bigint {
  return toUint64(key, `${field} (key)`)
}

export function keyToBool(key: string, field: string): boolean {
  if (key === "true") return true
  if (key === "false") return false
  return wrongType(key, "a bool", `${field} (key)`)
}

/** A repeated field takes what has a length and indexes: arrays, and typed arrays of numbers. */
export function checkList(value: unknown, field: string): void {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return
  wrongType(value, "an array", field)
}

/** Map fields take objects with a property for each key; a Map has none, and would silently be empty. */
export function checkMap(value: unknown, field: string): void {
  if (typeof value === "object" && !Array.isArray(value) && !(value instanceof Map)) return
  wrongType(value, "an object with a property for each key", field)
}

/**
 * Encoders call this when `$typeName` is not what they encode: plain initialisers have none and pass, a message of
 * another type must not, and neither must what is no object.
 */
export function checkMessage(value: unknown, typeName: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`cannot encode ${describe(value)} as ${typeName}: a message or its initialiser is wanted`)
  }
  const other = (value as { $typeName?: unknown }).$typeName
  if (other !== undefined && other !== typeName) {
    throw new TypeError(`cannot encode a message of type ${String(other)} as ${typeName}`)
  }
  // It has no field of a Timestamp, and would silently be 1970.
  if (typeName === "google.protobuf.Timestamp" && value instanceof Date) {
    throw new TypeError(
      `cannot encode a Date as ${typeName}: timestampFromDate(date) of @bufbuild/protobuf/wkt makes one`,
    )
  }
}

/** Always throws: a proto2 `required` field is not set. */
export function missing(field: string): never {
  throw new TypeError(`${field}: a required field is not set`)
}
