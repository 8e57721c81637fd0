import * as fc from "fast-check"

/**
 * Any character of Unicode but the halves of surrogate pairs, which have no UTF-8: those of fast-check's unit "binary",
 * which makes a table of all 1,112,064 first, and takes most of a second.
 */
export const character: fc.Arbitrary<string> = fc.nat({ max: 0x10ffff - 0x800 }).map(characterAt, placeOf)

function characterAt(place: number): string {
  return String.fromCodePoint(place < 0xd800 ? place : place + 0x800)
}

/** @throws TypeError for what is no such character, as fast-check wants it of the way back */
function placeOf(value: unknown): number {
  const point = typeof value === "string" ? value.codePointAt(0) : undefined
  if (point === undefined || String.fromCodePoint(point) !== value || (point >= 0xd800 && point < 0xe000)) {
    throw new TypeError("not a character")
  }
  return point < 0xd800 ? point : point - 0x800
}
