import { spawn } from "node:child_process"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

/** The repository's root, where every command runs. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * The environment of tests, which reach nothing outside of this machine. Node reads the certificates that
 * NODE_EXTRA_CA_CERTS names each time it starts, and takes longer for them than for the rest of its start; a test that
 * installs packages gives the variable back.
 */
export const testEnvironment = {
  NODE_EXTRA_CA_CERTS: undefined,
  FARCALL_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
}

/** A command ended otherwise than well; `exitCode` is what the script should end with. */
export class CommandFailed extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * Runs a program, by default from the root and with its output shown.
 * @throws CommandFailed when it ends with anything but 0; its output, when it was not shown, is in the message.
 */
export async function run(command, args, { env, show = true, cwd = root } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
  })
  let output = ""
  child.stdout?.on("data", (chunk) => (output += chunk))
  child.stderr?.on("data", (chunk) => (output += chunk))
  const ended = await new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, signal) => resolve(code ?? signal))
  })
  if (ended === 0) return output
  const words = [command === process.execPath ? "node" : command, ...args].join(" ").replaceAll(`${root}/`, "")
  const shown = words.length > 200 ? `${words.slice(0, 200)} …` : words
  throw new CommandFailed(
    `${shown}: ended with ${ended}${output && `\n${output}`}`,
    typeof ended === "number" ? ended : 1,
  )
}

/** Runs a script or a package's program with this Node. */
export function runNode(args, options) {
  return run(process.execPath, args, options)
}

/** The npm that started this script, or the one in the PATH. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath
  return npm?.endsWith(".js") ? runNode([npm, ...args], options) : run("npm", args, options)
}

/** Says on stderr what is being done, does it, and says how long it took. */
export async function step(title, action) {
  const begun = performance.now()
  console.error(`› ${title} …`)
  const result = await action()
  console.error(`✓ ${title} (${((performance.now() - begun) / 1000).toFixed(1)} s)`)
  return result
}

/**
 * Does something with each item, begun in their order: one for each of the two cores that there are at the least, of which
 * most of what is run here keeps one busy.
 */
export async function twoAtATime(items, action) {
  const left = [...items]
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await action(item)
  }
  await Promise.all([work(), work()])
}

/** Whether this file is what Node was started with, rather than imported. */
export function isMain(meta) {
  return process.argv[1] !== undefined && fileURLToPath(meta.url) === process.argv[1]
}

/**
 * Runs a command line: reads its flags (`--help` prints `usage` and ends), then `action`; a CommandFailed ends the
 * process with its message and exit code, a wrong flag with exit 2. With `allowPositionals`, the action is given the words
 * that are no flags as well.
 */
export async function main(usage, options, action, { allowPositionals = false } = {}) {
  try {
    const { values, positionals } = parseFlags(usage, { help: { type: "boolean" }, ...options }, allowPositionals)
    if (values.help) console.log(usage)
    else await action(values, positionals)
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    console.error(`✗ ${error.message}`)
    process.exitCode = error.exitCode
  }
}

function parseFlags(usage, options, allowPositionals) {
  try {
    return parseArgs({ options, allowPositionals })
  } catch (error) {
    throw new CommandFailed(`${error.message}\n\n${usage}`, 2)
  }
}
