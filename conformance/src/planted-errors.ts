import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compile, formatDiagnostic } from "@farcall/tools/compile"

/** Small files, each with one mistake that its name tells. What they import is in the folder `imported`. */
export const PLANTED_FOLDER: string = fileURLToPath(new URL("../planted-errors/", import.meta.url))

/** What protoc says about each of them: a heading `== name`, and under it the lines. */
export const EXPECTED_FILE: string = join(PLANTED_FOLDER, "expected.txt")

export function parseExpected(text: string): Map<string, string[]> {
  const expected = new Map<string, string[]>()
  let lines: string[] = []
  for (const line of text.split("\n")) {
    if (line.startsWith("== ")) expected.set(line.slice(3), (lines = []))
    else if (line !== "") lines.push(line)
  }
  return expected
}

export function formatExpected(expected: ReadonlyMap<string, readonly string[]>): string {
  return [...expected].map(([file, lines]) => [`== ${file}`, ...lines, ""].join("\n")).join("\n")
}

export function plantedFiles(): string[] {
  return readdirSync(PLANTED_FOLDER)
    .filter((name) => name.endsWith(".proto"))
    .sort()
}

/** What our compiler says about one of them, line by line. */
export function complaintsAbout(file: string): string[] {
  const read = (name: string): Uint8Array | undefined => {
    try {
      return readFileSync(join(PLANTED_FOLDER, name))
    } catch {
      return undefined
    }
  }
  return compile({ files: [file], read }).diagnostics.map(formatDiagnostic)
}
