import type { Implementation } from "./transcripts.js"

/** A system run with one side ours and the other Python's. */
export interface Row {
  readonly system: string
  readonly client: Implementation
  readonly server: Implementation
  /** `async_` for Python's programs on asyncio. */
  readonly variant: "" | "async_"
}

/** What came of the rows, as a table. */
export class Scoreboard {
  private readonly lines: string[] = []
  private readonly heading: string

  constructor(heading: string) {
    this.heading = heading
  }

  /** `test`, with a line on the board for how it went. */
  scored(row: Row, subject: string, test: () => Promise<void>): () => Promise<void> {
    const at = this.lines.push(line("·", subject, row)) - 1
    return async () => {
      this.lines[at] = line("✗", subject, row)
      await test()
      this.lines[at] = line("✓", subject, row)
    }
  }

  print(): void {
    const passed = this.lines.filter((text) => text.startsWith("✓")).length
    const title = `  ${this.heading.padEnd(12)} ${"client".padEnd(20)} server`
    console.log([title, ...this.lines, `${passed} of ${this.lines.length} rows\n`].join("\n"))
  }
}

function line(mark: string, subject: string, row: Row): string {
  const named = (side: Implementation): string =>
    side === "TypeScript" ? "TypeScript farcall" : row.variant ? "Python grpc.aio" : "Python grpcio"
  return `${mark} ${subject.padEnd(12)} ${named(row.client).padEnd(20)} ${named(row.server)}`
}
