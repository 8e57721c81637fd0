import { type CaseName, caseNames, type Outcome, type Pair, type Verdict } from "./cell.js"
import { judge } from "./judge.js"
import { playPair } from "./play-pair.js"

/** A pair, and what came of its cases. */
export interface Column {
  readonly pair: Pair
  readonly plain: ReadonlyMap<CaseName, Verdict>
  readonly tls: ReadonlyMap<CaseName, Verdict>
}

/** Plays all cases with a pair, in plaintext, then over TLS. */
export async function playColumn(pair: Pair, flags: readonly string[]): Promise<Column> {
  return { pair, plain: await playCells(pair, false, flags), tls: await playCells(pair, true, flags) }
}

async function playCells(pair: Pair, tls: boolean, flags: readonly string[]): Promise<Map<CaseName, Verdict>> {
  const outcomes = await playPair(pair, tls, flags).catch(({ message }: Error) => {
    return new Map<CaseName, Outcome>(caseNames.map((name) => [name, message]))
  })
  return new Map([...outcomes].map(([name, outcome]) => [name, judge(name, pair, tls, outcome)]))
}

/** Whether any of its cells is not as it has to be. */
export function isWrong({ plain, tls }: Column): boolean {
  return [...plain.values(), ...tls.values()].some(({ kind }) => kind === "wrong")
}

/** The matrix as text: a row a case, a column a pair, below it what there is to say of single cells. */
export function matrixText(columns: readonly Column[]): string {
  const notes: string[] = []
  const complaints: string[] = []
  const titles = columns.map(({ pair: { client, server } }) => `${client} → ${server}`)
  const row = (title: string, cells: readonly string[]): string =>
    [title.padEnd(29), ...cells.map((text) => text.padEnd(16))].join("").trimEnd()
  const mark = (name: CaseName, { kind, note, complaint }: Verdict, where: string): string => {
    if (complaint !== undefined) complaints.push(`✗ ${name}, ${where}: ${complaint}`)
    return `${symbols[kind]}${note === undefined ? "" : numberOf(note, notes)}`.padEnd(6)
  }
  const rows = caseNames.map((name) => {
    const cells = columns.map(({ plain, tls }, i) => {
      const first = mark(name, plain.get(name)!, `${titles[i]}, plain`)
      return first + mark(name, tls.get(name)!, `${titles[i]}, TLS`)
    })
    return row(name, cells)
  })
  const heads = [
    row("client → server", titles),
    row(
      "",
      columns.map(() => "plain TLS"),
    ),
  ]
  const explained = notes.map((note, i) => `${String(i + 1).padStart(2)}  ${note}`)
  return [...heads, ...rows, "", ...explained, ...complaints, totals(columns)].join("\n")
}

const symbols = { passed: "✓", cannot: "–", wrong: "✗" } as const

function numberOf(note: string, notes: string[]): string {
  if (!notes.includes(note)) notes.push(note)
  return String(notes.indexOf(note) + 1)
}

function totals(columns: readonly Column[]): string {
  const all = columns.flatMap(({ plain, tls }) => [...plain.values(), ...tls.values()])
  const count = (kind: Verdict["kind"]): number => all.filter((verdict) => verdict.kind === kind).length
  return `${all.length} cells run: ${count("passed")} passed, ${count("cannot")} cannot (–), ${count("wrong")} wrong`
}
