import { type Dirent, readdirSync } from "node:fs"
import { join } from "node:path"

/**
 * The names of the .proto files in a folder and in those below it, by their path from it with forward slashes, in the order
 * of their names. Folders called `node_modules` and those that begin with a dot are left out, and so is what cannot be read.
 * @param enter told of each folder that is looked into, by its path from the first, which is the empty one
 * @param most how many folders deep it looks
 */
export function* protosBelow(
  folder: string,
  enter: (below: string) => void = () => {},
  most: number = Number.POSITIVE_INFINITY,
  below: string = "",
): Generator<string> {
  enter(below)
  let entries: Dirent[]
  try {
    entries = readdirSync(join(folder, below), { withFileTypes: true })
  } catch {
    return // No such folder, or none that can be read: no file in it.
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) {
      if (most > 1 && !isHidden(entry.name)) yield* protosBelow(folder, enter, most - 1, name)
    } else if (entry.name.endsWith(".proto")) yield name
  }
}

function isHidden(name: string): boolean {
  return name === "node_modules" || name.startsWith(".")
}
