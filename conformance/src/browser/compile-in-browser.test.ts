import assert from "node:assert/strict"
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { compileInBrowser, type Outcome } from "./compile-in-browser.js"
import { moduleGraph, servedPath, servedText } from "./module-graph.js"

const run = promisify(execFile)
const entry = new URL("compile-in-browser.js", import.meta.url).href

test("the compiler and all it imports are without Node's modules", () => {
  const { diagnostics, descriptors } = compileInBrowser()
  assert.ok(descriptors.length > 100)
  assert.deepEqual(
    diagnostics.map(({ hint }) => hint),
    ["did you mean `hello.Hello`?", undefined],
  )
  const urls = [...moduleGraph(entry).keys()]
  assert.ok(urls.some((url) => url.endsWith("/tools/dist/compile/lexer.js")))
  assert.ok(urls.some((url) => url.includes("@bufbuild/protobuf")))
})

test("it compiles the same with no globals but those of the web", async () => {
  const program = fileURLToPath(new URL("in-bare-context.js", import.meta.url))
  const { stdout } = await run(process.execPath, ["--no-warnings", "--experimental-vm-modules", program])
  assert.deepEqual(JSON.parse(stdout), plain(compileInBrowser()))
})

test("it compiles the same in Chromium, on the page and in a worker", { timeout: 90_000 }, async (t) => {
  const browser = findBrowser()
  if (browser === undefined) {
    const wanting = "no chromium or google-chrome in the PATH (Debian and Ubuntu: apt-get install chromium)"
    if (process.env["CI"] === "true") assert.fail(wanting)
    console.log(`SKIPPED, the compiler in a browser: ${wanting}`)
    t.skip(wanting)
    return
  }
  const outcomes = await runInBrowser(browser)
  const expected = plain(compileInBrowser())
  assert.deepEqual(outcomes, { page: expected, worker: expected })
})

/** What is left of a value that went through JSON. */
function plain(outcome: Outcome): unknown {
  return JSON.parse(JSON.stringify(outcome))
}

function findBrowser(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter)
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

/** Opens a page that compiles, in itself and in a worker, and returns what it sends. */
async function runInBrowser(browser: string): Promise<unknown> {
  const compiler = servedPath(entry)
  const files = new Map([...moduleGraph(entry).values()].map((module) => [servedPath(module.url), servedText(module)]))
  files.set("/worker.js", `import { compileInBrowser } from "${compiler}"\npostMessage(compileInBrowser())`)
  files.set("/page.js", pageProgram(compiler))

  let received = (_body: string): void => {}
  const outcomes = new Promise<string>((resolve) => (received = resolve))
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    if (request.method === "POST") {
      let body = ""
      request.on("data", (chunk) => (body += chunk))
      request.on("end", () => received(body))
      response.end()
      return
    }
    const text = path === "/" ? PAGE : files.get(path)
    const type = path === "/" ? "text/html" : "text/javascript"
    response.writeHead(text === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8` }).end(text)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")

  const profile = await mkdtemp(join(tmpdir(), "farcall-browser-"))
  const { port } = server.address() as AddressInfo
  // Without its sandbox it starts for root and in containers, too; it loads nothing but the page above.
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--user-data-dir=${profile}`]
  const child = spawn(browser, [...flags, `http://127.0.0.1:${port}/`], { stdio: ["ignore", "ignore", "pipe"] })
  let complaints = ""
  child.stderr.on("data", (chunk) => (complaints += chunk))
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("error", reject)
    child.once("close", () => reject(new Error(`${browser} ended: ${complaints}`)))
  })
  try {
    return JSON.parse(await Promise.race([outcomes, ended]))
  } finally {
    ended.catch(() => {})
    child.kill()
    if (child.exitCode === null) await once(child, "close")
    server.closeAllConnections()
    server.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

const PAGE = '<!doctype html><script type="module" src="/page.js"></script>'

function pageProgram(compiler: string): string {
  return `
const send = (outcomes) => fetch("/", { method: "POST", body: JSON.stringify(outcomes) })
try {
  const { compileInBrowser } = await import("${compiler}")
  const worker = new Worker("/worker.js", { type: "module" })
  const inWorker = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = (event) => reject(new Error("worker: " + event.message))
  })
  await send({ page: compileInBrowser(), worker: inWorker })
} catch (error) {
  await send({ error: String(error) })
}`
}
