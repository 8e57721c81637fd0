import { runCell } from "./run-cell.js"
import type { Scene, SceneOptions } from "./scene.js"
import type { Cell } from "./table.js"

/** Runs cells, so many at a time, each in a scene of its own. Returns all that was not as the table has it. */
export async function runMatrix(
  cells: readonly Cell[],
  openScene: (options: SceneOptions) => Promise<Scene>,
  atOnce: number,
): Promise<string[]> {
  const wrong: string[] = []
  const queue = [...cells]
  const work = async (): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift())
      wrong.push(...(await runCell(cell, openScene)))
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return wrong
}

/** One cell of each fault, another one for each `turn`. */
export function oneOfEach(cells: readonly Cell[], turn: number): Cell[] {
  return [...new Set(cells.map(({ row }) => row))].map((row, i) => {
    const all = cells.filter((cell) => cell.row === row)
    return all[((i + turn) * 5) % all.length]!
  })
}
