import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** The command as tsc made it last. */
const MAIN: string = fileURLToPath(new URL("../cli/main.js", import.meta.url))

/** What a command said, and how it ended. */
export interface CommandResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder of its own in which `farcall` is run. */
export class CommandFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "farcall-command-"))

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true })
    writeFileSync(join(this.path, name), text)
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8")
  }

  /** Runs `farcall` with these arguments, in the folder or in one below it. */
  run(args: readonly string[], below: string = "."): CommandResult {
    return spawnSync(process.execPath, [MAIN, ...args], { cwd: join(this.path, below), encoding: "utf8" })
  }

  /** Starts `farcall`, which stays. */
  start(args: readonly string[]): RunningCommand {
    return new RunningCommand(spawn(process.execPath, [MAIN, ...args], { cwd: this.path }))
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A command that goes on, and what it says. */
export class RunningCommand {
  readonly #child: ChildProcess
  #output = ""
  #look = (): void => {}

  constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (chunk) => {
        this.#output += chunk
        this.#look()
      })
    }
  }

  /** Waits until the text has been said, and resolves to what was said before it. */
  seen(text: string): Promise<string> {
    return new Promise((resolve) => {
      this.#look = () => {
        const at = this.#output.indexOf(text)
        if (at < 0) return
        this.#look = () => {}
        resolve(this.#output.slice(0, at))
        this.#output = this.#output.slice(at + text.length)
      }
      this.#look()
    })
  }

  /** Waits for the text after a change, made again and again: one before a watcher's first look at a file is none to it. */
  async seenAfter(change: () => void, text: string): Promise<string> {
    const again = setInterval(change, 500)
    try {
      change()
      return await this.seen(text)
    } finally {
      clearInterval(again)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill()
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "close")
  }
}
