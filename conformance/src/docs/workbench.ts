import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { freePort } from "../test-support/child-program.js"
import { ConsoleSession, readConsole } from "./console-session.js"
import type { Block, Page } from "./page.js"

/**
 * Where the code of a page is tried: a folder inside the workspace, so that imports find the packages. Blocks that are
 * files are written there, `console` blocks are typed in the order of the page, and everything in TypeScript is
 * type-checked strictly, fragments each as a module of its own.
 *
 * Ports are exchanged for free ones.
 */
export class Workbench {
  private readonly root: string
  private readonly folder: string
  private readonly page: Page
  private readonly ports: Map<string, string> = new Map()

  private constructor(root: string, folder: string, page: Page) {
    this.root = root
    this.folder = folder
    this.page = page
  }

  /** @param root the repository's */
  static async make(root: string, page: Page): Promise<Workbench> {
    const parent = join(root, ".cache/docs")
    await mkdir(parent, { recursive: true })
    const name = page.path.replace(/\.md$/, "").replaceAll("/", "-").toLowerCase()
    return new Workbench(root, await mkdtemp(join(parent, `${name}-`)), page)
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  /**
   * Writes the page's files.
   * @param lent the contract of a page that has none of its own, for its fragments
   */
  async layOut(lent: Block): Promise<void> {
    await this.findPorts()
    await this.write("package.json", '{ "private": true, "type": "module" }\n')
    const files = this.page.blocks.filter(({ file }) => file !== undefined)
    for (const { file, text } of files) await this.write(file!, text)
    if (!files.some(({ language }) => language === "proto")) {
      await this.write(lent.file!, lent.text)
      await this.runProgram("farcall", "generate", "-I", "proto", "--out", "src/gen", lent.file!)
    }
  }

  /** Types every `console` block. */
  async typeCommands(): Promise<void> {
    const session = new ConsoleSession(this.folder, (name) => this.program(name))
    try {
      for (const { text } of this.page.blocks.filter(({ language }) => language === "console")) {
        for (const command of readConsole(this.withFreePorts(text))) await session.run(command)
      }
    } finally {
      await session.close()
    }
  }

  /** Type-checks files and fragments; what is wrong is named by its line in the page. */
  async typeCheck(): Promise<void> {
    if (this.compilesItself()) return
    const places = new Map<string, string>()
    for (const block of this.page.blocks.filter(({ language }) => language === "ts")) {
      const name = block.file ?? `src/fragment-${block.line}.ts`
      places.set(name, `${this.page.path}:${block.line}`)
      // `export {}` makes a module of what neither imports nor exports.
      if (block.file === undefined) await this.write(name, `${block.text}export {}\n`)
    }
    if (places.size === 0) return
    await this.write("src/prelude.ts", `${this.page.prelude ?? ""}\nexport {}\n`)
    await this.write("tsconfig.check.json", JSON.stringify({ compilerOptions: strictly, include: ["src"] }))
    await this.runProgram("tsc", "-p", "tsconfig.check.json").catch((error: { stdout?: string }) => {
      const said = (error.stdout ?? String(error)).replace(/^(\S+?\.ts)/gm, (path) => {
        const place = places.get(path)
        return place === undefined ? path : `${place} (${path})`
      })
      assert.fail(said)
    })
  }

  /** A page that shows a strict tsconfig.json, runs tsc, and has no fragments has been checked by its own commands. */
  private compilesItself(): boolean {
    const { blocks } = this.page
    return (
      blocks.some(({ file, text }) => file === "tsconfig.json" && text.includes('"strict": true')) &&
      blocks.some(({ language, text }) => language === "console" && /^\$ npx tsc$/m.test(text)) &&
      blocks.every(({ language, file }) => language !== "ts" || file !== undefined)
    )
  }

  private async findPorts(): Promise<void> {
    const text = this.page.blocks.map((block) => block.text).join("\n")
    for (const [, port] of text.matchAll(/\b(?:localhost|127\.0\.0\.1|\[::1?\]):(\d{2,5})\b/g)) {
      if (!this.ports.has(port!)) this.ports.set(port!, String(await freePort()))
    }
  }

  private withFreePorts(text: string): string {
    return text.replace(/\b\d{2,5}\b/g, (number) => this.ports.get(number) ?? number)
  }

  private async write(path: string, text: string): Promise<void> {
    const target = join(this.folder, path)
    assert.ok(target.startsWith(this.folder), `${this.page.path}: ${path} is outside of the page's folder`)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, this.withFreePorts(text))
  }

  /** The script of the program that `npx` would start. */
  private program(name: string): string {
    const path = `node_modules/.bin/${name}`
    assert.ok(existsSync(join(this.root, path)), `there is no ${path}`)
    return join(this.root, path)
  }

  private async runProgram(name: string, ...args: readonly string[]): Promise<void> {
    await promisify(execFile)(process.execPath, [this.program(name), ...args], { cwd: this.folder })
  }
}

const strictly = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  types: ["node"],
  rootDir: "src",
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
}
