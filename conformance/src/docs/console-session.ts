import assert from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"

/** A command of a `console` block, and what the page says that it prints. */
export interface ConsoleCommand {
  readonly command: string
  /** Lines of stdout; none: the page does not say. `…` stands for anything in a line, alone for any lines. */
  readonly printed: readonly string[]
}

/** Reads `$ command` lines and the output under each. */
export function readConsole(text: string): ConsoleCommand[] {
  const commands: { command: string; printed: string[] }[] = []
  for (const line of text.split("\n")) {
    if (line.startsWith("$ ")) commands.push({ command: line.slice(2), printed: [] })
    else if (line !== "") {
      assert.ok(commands.length > 0, `a console block must begin with a command, not with ${JSON.stringify(line)}`)
      commands.at(-1)!.printed.push(line)
    }
  }
  return commands
}

/**
 * A terminal in which a page's commands are typed one after the other. A command that ends in `&` goes on behind the
 * others until the session is closed.
 */
export class ConsoleSession {
  private readonly folder: string
  private readonly findProgram: (name: string) => string
  private readonly env: NodeJS.ProcessEnv
  private readonly behind: ChildProcess[] = []

  /** @param findProgram the script of a program that `npx` starts */
  constructor(folder: string, findProgram: (name: string) => string) {
    this.folder = folder
    this.findProgram = findProgram
    // The test runner marks its children by this variable; what runs here has runners of its own.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    this.env = env
  }

  /** Runs a command. @throws AssertionError when it fails, or prints something else than the page says. */
  async run({ command, printed }: ConsoleCommand): Promise<void> {
    const goesOn = command.endsWith("&")
    // `npx` finds the same programs, by way of half a second of npm.
    const words = command
      .replace(/\s*&$/, "")
      .replace(/^npx (\S+)/, (_, name: string) => `node ${JSON.stringify(this.findProgram(name))}`)
    const child = spawn("sh", ["-c", `exec ${words}`], {
      cwd: this.folder,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    })
    let stdout = ""
    let stderr = ""
    const closed = once(child, "close")
    const enough = new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text
        if (stdout.split("\n").length > printed.length) resolve() // so many lines are whole
      })
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    const limit = setTimeout(() => child.kill("SIGKILL"), 30_000)
    if (goesOn) {
      this.behind.push(child)
      await Promise.race([enough, closed])
    } else await closed
    clearTimeout(limit)
    const said = `$ ${command}\n${stdout}${stderr}`
    const ended = child.exitCode ?? child.signalCode
    assert.equal(ended, goesOn ? null : 0, `ended with ${ended}:\n${said}`)
    if (printed.length > 0) assert.match(`${linesOf(stdout).join("\n")}\n`, patternOf(printed), said)
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    for (const child of this.behind) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill("SIGKILL")
      await once(child, "close")
    }
  }
}

function linesOf(output: string): string[] {
  return output.split("\n").filter((line, index, lines) => line !== "" || index < lines.length - 1)
}

function patternOf(printed: readonly string[]): RegExp {
  const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
  const lines = printed.map((line) => (line === "…" ? "(?:.*\n)*" : `${line.split("…").map(literally).join(".*")}\n`))
  return new RegExp(`^${lines.join("")}$`)
}
