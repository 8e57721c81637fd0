import { unwatchFile, watchFile } from "node:fs"

/** How often the files are looked at, in milliseconds. */
const INTERVAL = 250

/**
 * Calls back when a file changes, appears or goes. Files are looked at by name, so that editors that put a new file in
 * the place of the old one are noticed, and so is a file that is not there yet.
 */
export class FileWatcher {
  readonly #changed: () => void
  readonly #watched: Set<string> = new Set()

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** From now on, watches these files and no others. */
  watch(paths: ReadonlySet<string>): void {
    for (const path of this.#watched) {
      if (paths.has(path)) continue
      unwatchFile(path, this.#changed)
      this.#watched.delete(path)
    }
    for (const path of paths) {
      if (this.#watched.has(path)) continue
      watchFile(path, { interval: INTERVAL }, this.#changed)
      this.#watched.add(path)
    }
  }
}
