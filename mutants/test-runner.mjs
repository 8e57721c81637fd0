import { readFile, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { runInThisContext } from "node:vm"
import { commonTokens, declareClassPlugin, PluginKind, tokens } from "@stryker-mutator/api/plugin"
import { DryRunStatus, determineHitLimitReached, MutantRunStatus, TestStatus } from "@stryker-mutator/api/test-runner"
import { TestCollector } from "./test-collector.mjs"

/** Where the sandbox keeps what each test took: this process may be ended and begun again. */
const durationsPath = "durations.json"

/** Milliseconds that any test may take, and how many times longer than it took without a mutant. */
const leastLimit = 1000
const slowness = 10

/**
 * Runs the tests of a part in this process, again and again: for each mutant all modules are made anew, from code that
 * was compiled once, so that a mutant costs what its tests cost, and not the start of a process.
 */
class CollectedTestRunner {
  static inject = tokens(commonTokens.options)

  /** The names of tests that are not run, as a RegExp, or undefined. */
  #leftOut
  #instantiate
  #require
  /** What each test took without a mutant, in milliseconds. */
  #durations = undefined
  #uncaught = undefined

  constructor({ leftOut }) {
    this.#leftOut = leftOut && new RegExp(leftOut)
  }

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    const packages = new Map()
    for (const name of JSON.parse(await readFile("imports.json", "utf8"))) {
      if (!name.startsWith("node:")) packages.set(name, await import(name))
    }
    const requireBuiltin = createRequire(import.meta.url)
    this.#require = (name) => packages.get(name) ?? requireBuiltin(name)
    const text = await readFile("tests.cjs", "utf8")
    this.#instantiate = runInThisContext(`(function (require, module, exports) {${text}\n})`, { filename: "tests.cjs" })
    for (const event of ["uncaughtException", "unhandledRejection"]) {
      process.on(event, (error) => (this.#uncaught ??= error))
    }
  }

  async dryRun() {
    globalThis.__stryker__ = {}
    const tests = []
    const durations = {}
    await this.#run(undefined, (test, duration, error) => {
      durations[test.id] = duration
      const status = error === undefined ? TestStatus.Success : TestStatus.Failed
      tests.push({ id: test.id, name: test.id, timeSpentMs: duration, status, failureMessage: String(error?.stack) })
      return true
    })
    await writeFile(durationsPath, JSON.stringify(durations))
    return { status: DryRunStatus.Complete, tests, mutantCoverage: globalThis.__stryker__.mutantCoverage }
  }

  async mutantRun({ activeMutant, hitLimit, testFilter }) {
    this.#durations ??= JSON.parse(await readFile(durationsPath, "utf8"))
    const state = { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit === undefined ? undefined : 0 }
    Object.assign((globalThis.__stryker__ ??= {}), state)
    let nrOfTests = 0
    let failed
    try {
      await this.#run(testFilter, (test, _, error) => {
        nrOfTests++
        if (error !== undefined) failed = { test, error }
        return error === undefined
      })
    } catch (error) {
      failed = { test: { id: "what stands outside of tests" }, error }
    }
    const { hitCount } = globalThis.__stryker__
    const endless = determineHitLimitReached(hitCount, hitLimit)
    if (endless !== undefined) return endless
    if (failed === undefined) return { status: MutantRunStatus.Survived, nrOfTests }
    const failureMessage = String(failed.error?.message ?? failed.error)
    return { status: MutantRunStatus.Killed, killedBy: [failed.test.id], failureMessage, nrOfTests }
  }

  /** Runs the tests of these ids, the quickest first, or all of them, until `onTest(test, duration, error)` is false. */
  async #run(ids, onTest) {
    const collector = new TestCollector()
    const require = (name) => (name === "node:test" ? collector.module : this.#require(name))
    const module = { exports: {} }
    this.#instantiate(require, module, module.exports)
    this.#uncaught = undefined
    for (const test of this.#chosen(collector.tests, ids)) {
      globalThis.__stryker__.currentTestId = test.id
      const begun = performance.now()
      const error = await this.#failureOf(collector, test)
      globalThis.__stryker__.currentTestId = undefined
      if (!onTest(test, performance.now() - begun, error)) break
    }
    await collector.leave(leastLimit).catch(() => {})
  }

  #chosen(tests, ids) {
    const counts = new Map()
    for (const test of tests) {
      const count = (counts.get(test.name) ?? 0) + 1
      counts.set(test.name, count)
      test.id = count === 1 ? test.name : `${test.name} (${count})`
    }
    const wanted = tests.filter(({ name }) => this.#leftOut?.test(name) !== true)
    if (ids === undefined) return wanted
    const known = new Set(ids)
    return wanted.filter(({ id }) => known.has(id)).sort((a, b) => this.#durations[a.id] - this.#durations[b.id])
  }

  async #failureOf(collector, test) {
    const duration = this.#durations?.[test.id]
    try {
      await collector.run(test, duration === undefined ? 60_000 : leastLimit + slowness * duration)
    } catch (error) {
      return error ?? new Error("thrown: nothing")
    }
    return this.#uncaught
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "collected", CollectedTestRunner)]
