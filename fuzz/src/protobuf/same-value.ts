/**
 * Whether two values are one to everything that could look at them: the same own properties in any order, NaN and −0
 * told apart from others, and prototypes that hold the same.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false
  return sameProperties(a, b) && samePrototypes(Object.getPrototypeOf(a), Object.getPrototypeOf(b))
}

function sameProperties(a: object, b: object): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    if (!Object.hasOwn(b, key)) return false
    if (!sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false
  }
  return true
}

/** Messages of proto2 have a prototype with their defaults, one of each library's own. */
function samePrototypes(a: object | null, b: object | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  let known = comparedPrototypes.get(a)
  if (known === undefined) comparedPrototypes.set(a, (known = new WeakMap()))
  let same = known.get(b)
  if (same === undefined) known.set(b, (same = sameProperties(a, b)))
  return same
}

const comparedPrototypes = new WeakMap<object, WeakMap<object, boolean>>()
