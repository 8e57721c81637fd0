import { mkdir, writeFile } from "node:fs/promises"
import { cpus } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Figure } from "../measure/figure.js"
import { reached } from "./table.js"

/** Writes all figures, with where and how they were measured, to `bench/results/INSTANT.json`; returns its path. */
export async function writeResults(
  figures: readonly Figure[],
  settings: { readonly runs: number; readonly seconds: number },
): Promise<string> {
  const measuredAt = new Date().toISOString()
  const folder = fileURLToPath(new URL("../../results", import.meta.url))
  const path = join(folder, `${measuredAt.replace(/[:.]/g, "-")}.json`)
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, platform: process.platform }
  const withMarks = figures.map((figure) => ({ ...figure, reached: reached(figure) }))
  await mkdir(folder, { recursive: true })
  await writeFile(path, `${JSON.stringify({ measuredAt, machine, settings, figures: withMarks }, undefined, 2)}\n`)
  return path
}
