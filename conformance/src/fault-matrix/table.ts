import { readFile } from "node:fs/promises"
import {
  type CallPhase,
  callPhases,
  type Strike as Fault,
} from "../../../packages/farcall/dist/testing/faults/fault-rule.js"

export const callKinds = ["unary", "clientStreaming", "serverStreaming", "bidi"] as const
export type CallKind = (typeof callKinds)[number]

/** One call, one fault at one point of it, and how the call is to end. */
export interface Cell {
  readonly row: FaultRow
  readonly phase: CallPhase
  readonly kind: CallKind
  readonly code: string
  /** One of these is a part of the error's text. */
  readonly says: readonly string[]
}

interface FaultRow {
  readonly name: string
  readonly fault: Fault
  readonly keepalive: boolean
  /** It concerns one stream alone, or none: its neighbours go on. */
  readonly ofStream: boolean
  /** Messages may be missing that nobody can miss. */
  readonly mayBeShort: boolean
}

/** The rows of the page, by name. */
const faults: Readonly<Record<string, Fault>> = {
  cut: { fault: "cut" },
  close: { fault: "close" },
  "close towards client": { fault: "close", towards: "client" },
  "close towards server": { fault: "close", towards: "server" },
  stall: { fault: "stall" },
  "stall, with keepalive": { fault: "stall" },
  delay: { fault: "stall", ms: 300 },
  "one byte at a time": { fault: "split" },
  "joined segments": { fault: "join" },
  "reset INTERNAL_ERROR": { fault: "reset", code: "INTERNAL_ERROR" },
  "reset CANCEL": { fault: "reset", code: "CANCEL" },
  "reset REFUSED_STREAM": { fault: "reset", code: "REFUSED_STREAM" },
  "GOAWAY without the stream, close": { fault: "goAway", seen: false, close: true },
  GOAWAY: { fault: "goAway", seen: true, close: false },
  "GOAWAY, close": { fault: "goAway", seen: true, close: true },
  END_STREAM: { fault: "endStream" },
  "trailers too soon": { fault: "trailers" },
}

/** The table of `docs/faults.md`. @throws Error when it has other rows or columns than there are */
export async function faultMatrix(): Promise<Cell[]> {
  const page = await readFile(new URL("../../../docs/faults.md", import.meta.url), "utf8")
  const [header, , ...rows] = tableAfter(page, "<!-- matrix -->")
  if (header === undefined || header.join() !== ["fault", ...callPhases, "what the error says"].join()) {
    throw new Error(`the matrix has the columns ${header?.join(", ")}`)
  }
  const names = rows.map(([name]) => name!)
  if (names.join() !== Object.keys(faults).join()) throw new Error(`the matrix has the rows ${names.join(", ")}`)
  return rows.flatMap(([name, ...cells]) => {
    const row: FaultRow = {
      name: name!,
      fault: faults[name!]!,
      keepalive: name!.includes("keepalive"),
      ofStream: /^(reset|END_STREAM|trailers|GOAWAY$)/.test(name!),
      mayBeShort: name === "trailers too soon",
    }
    const says = cells[callPhases.length]!.split(" *or* ")
    return callPhases.flatMap((phase, i) =>
      callKinds
        .filter((kind) => cells[i] !== "–" && hasPhase(kind, phase))
        .map((kind) => ({ row, phase, kind, code: codeOf(cells[i]!, kind), says })),
    )
  })
}

/** The cells of the first table after a mark, by rows. */
export function tableAfter(page: string, mark: string): string[][] {
  const table = /^\|(?:.*\n)+?(?!\|)/m.exec(page.slice(page.indexOf(mark)))?.[0] ?? ""
  return table
    .trim()
    .split("\n")
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function hasPhase(kind: CallKind, phase: CallPhase): boolean {
  if (phase === "between requests") return kind === "clientStreaming" || kind === "bidi"
  if (phase === "between responses") return kind === "serverStreaming" || kind === "bidi"
  return true
}

/** `OK; clientStreaming, bidi UNAVAILABLE`: the first is for all others. */
function codeOf(cell: string, kind: CallKind): string {
  const [general, ...others] = cell.split("; ")
  const own = others.find((other) => other.includes(kind))
  return own === undefined ? general! : own.slice(own.lastIndexOf(" ") + 1)
}
