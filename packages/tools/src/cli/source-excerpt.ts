import type { MarkedLine } from "../compile/index.js"
import { displayWidth, printable } from "./printable.js"

/** What is shown of a source line, ready for a terminal. */
interface Excerpt {
  readonly text: string
  /** Columns before the mark. */
  readonly indent: number
  /** Columns of the mark; at least 1. */
  readonly width: number
}

/** Cuts a line to `columns` around what is marked, with … where something is left out. */
export function excerpt({ before, marked, after }: MarkedLine, columns: number): Excerpt {
  const left = cells(before, 0)
  const middle = cells(marked, total(left))
  const right = cells(after, total(left) + total(middle))
  if (total(left) + total(middle) + total(right) <= columns) {
    return { text: textOf(left, middle, right), indent: total(left), width: Math.max(1, total(middle)) }
  }

  // The mark comes first, then what is to its left and right in equal parts; what one side does not need the other gets.
  const shownMiddle = firstOf(middle, Math.max(1, Math.floor(columns / 2)))
  const room = columns - total(shownMiddle)
  const half = Math.floor(room / 2)
  const shownLeft = lastOf(left, Math.max(half, room - total(right)))
  const shownRight =
    shownMiddle.length < middle.length ? [] : firstOf(right, columns - total(shownMiddle) - total(shownLeft))
  return {
    text: textOf(shownLeft, shownMiddle, shownRight),
    indent: total(shownLeft),
    width: Math.max(1, total(shownMiddle)),
  }
}

/** A character as it is shown, and the columns it takes. */
interface Cell {
  readonly text: string
  readonly width: number
}

const TAB_STOP = 4
const ELLIPSIS: Cell = { text: "…", width: 1 }

function cells(text: string, column: number): Cell[] {
  const made: Cell[] = []
  let at = column
  for (const character of text) {
    if (character >= " " && character <= "~") {
      made.push({ text: character, width: 1 })
      at++
      continue
    }
    const shown = character === "\t" ? " ".repeat(TAB_STOP - (at % TAB_STOP)) : printable(character)
    const width = displayWidth(shown)
    made.push({ text: shown, width })
    at += width
  }
  return made
}

function total(cells: readonly Cell[]): number {
  let sum = 0
  for (const { width } of cells) sum += width
  return sum
}

function textOf(...parts: readonly (readonly Cell[])[]): string {
  let text = ""
  for (const cells of parts) for (const cell of cells) text += cell.text
  return text.trimEnd()
}

/** As many of the first cells as fit; where some do not, an ellipsis stands for them. */
function firstOf(cells: readonly Cell[], columns: number): readonly Cell[] {
  if (total(cells) <= columns) return cells
  const kept: Cell[] = []
  let width = 1
  for (const cell of cells) {
    if (width + cell.width > columns) break
    width += cell.width
    kept.push(cell)
  }
  return [...kept, ELLIPSIS]
}

function lastOf(cells: readonly Cell[], columns: number): readonly Cell[] {
  return firstOf(cells.toReversed(), columns).toReversed()
}
