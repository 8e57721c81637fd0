import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { GeneratedFile } from "@farcall/tools"

/** The compilers that take what is generated: the one of this repository, and the last of the generation before. */
export type TypeScriptVersion = "7.0" | "5.9"

/**
 * A folder of TypeScript, apart from the workspace's own, in which imports of packages lead to those of the workspace. It
 * is checked as strictly as TypeScript can.
 */
export class TypeScriptProject {
  readonly folder: string

  /** @param parent a folder of the workspace, which is made */
  constructor(parent: string = CACHE) {
    mkdirSync(parent, { recursive: true })
    this.folder = mkdtempSync(join(parent, "generated-"))
    writeFileSync(join(this.folder, "package.json"), '{ "type": "module" }')
  }

  /** Writes files below `src`. */
  write(files: readonly GeneratedFile[]): void {
    for (const { path, text } of files) {
      const target = join(this.folder, "src", path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, text)
    }
  }

  /**
   * What the compiler complains of; nothing, if all is well. JavaScript goes to `dist`, unless `noEmit` is among the
   * options.
   */
  async typeCheck(
    version: TypeScriptVersion = "7.0",
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const project = join(this.folder, "tsconfig.json")
    writeFileSync(project, JSON.stringify({ compilerOptions: { ...strictest, ...options }, include: ["src"] }))
    try {
      await promisify(execFile)(process.execPath, [compilers[version], "-p", project], { maxBuffer: 1 << 28 })
      return ""
    } catch (error) {
      const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string }
      return stdout + stderr || message
    }
  }

  /** Where a compiled file is: `greeter_pb` is the name of `dist/greeter_pb.js`. */
  compiled(name: string): string {
    return join(this.folder, "dist", `${name}.js`)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const CACHE: string = fileURLToPath(new URL("../.cache", import.meta.url))

function tscFrom(place: string | URL): string {
  return join(dirname(createRequire(place).resolve("typescript/package.json")), "bin/tsc")
}

const compilers: Readonly<Record<TypeScriptVersion, string>> = {
  "7.0": tscFrom(new URL("../../package.json", import.meta.url)),
  // A development dependency of this workspace alone.
  "5.9": tscFrom(import.meta.url),
}

const strictest = {
  target: "es2023",
  lib: ["es2023"],
  types: [],
  module: "nodenext",
  rootDir: "src",
  outDir: "dist",
  declaration: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  isolatedDeclarations: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
}
