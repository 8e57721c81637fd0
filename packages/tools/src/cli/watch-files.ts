import { type FSWatcher, watch } from "node:fs"
import { dirname, join, normalize } from "node:path"

/**
 * Calls back when a file changes, appears or goes. It is their folders that are watched, so that editors that put a new
 * file in the place of the old one are noticed, and so is a file that was not there yet.
 */
export class FileWatcher {
  readonly #changed: () => void
  readonly #folders: Map<string, FSWatcher> = new Map()
  #paths: ReadonlySet<string> = new Set()
  #open: ReadonlySet<string> = new Set()

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /**
   * From now on, calls back for these files, and for any .proto file and any folder in the open folders. Returns whether
   * that took watching further folders.
   */
  watch(paths: Iterable<string>, openFolders: readonly string[]): boolean {
    this.#paths = new Set([...paths].map(normalize))
    this.#open = new Set(openFolders.map(normalize))
    const before = this.#folders.size
    for (const path of this.#paths) this.#watchFolder(dirname(path))
    for (const folder of this.#open) this.#watchFolder(folder)
    return this.#folders.size > before
  }

  #watchFolder(folder: string): void {
    if (this.#folders.has(folder)) return
    let watcher: FSWatcher
    try {
      watcher = watch(folder, (_event, name) => {
        if (name === null || this.#isMeant(folder, name)) this.#changed()
      })
    } catch {
      return // There is no such folder, and so no file in it.
    }
    watcher.on("error", () => this.#folders.delete(folder))
    this.#folders.set(folder, watcher)
  }

  #isMeant(folder: string, name: string): boolean {
    return this.#paths.has(join(folder, name)) || (this.#open.has(normalize(folder)) && /\.proto$|^[^.]+$/.test(name))
  }
}
