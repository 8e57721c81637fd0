import { createHash } from "node:crypto"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CommandFailed, isMain, main, root, run, step } from "./step.mjs"

const usage = `node scripts/go.mjs

Builds the Go programs that tests stand on into .cache/go: the tools that conformance/go.mod names, and the peers of
conformance/go. Prints that folder.`

const modulePath = join(root, "conformance")
const programsPath = join(root, ".cache/go")

/** The tools, by their packages in go.mod. */
const tools = {
  connectconformance: "connectrpc.com/conformance/cmd/connectconformance",
  grpcurl: "github.com/fullstorydev/grpcurl/cmd/grpcurl",
  h2spec: "github.com/summerwind/h2spec/cmd/h2spec",
  "interop-client": "google.golang.org/grpc/interop/client",
  "interop-server": "google.golang.org/grpc/interop/server",
}

/**
 * Builds the Go programs, or those of them that are stale.
 * @param names which ones; all when left out
 * @returns the folder that they are in
 * @throws CommandFailed saying what is wanting.
 */
export async function ensureGo(names) {
  const version = await goVersion()
  const packages = { ...tools }
  for (const peer of await readdir(join(modulePath, "go"))) packages[peer] = `./go/${peer}`
  const sums = [version, ...(await textsOf("go.mod", "go.sum"))]
  await mkdir(programsPath, { recursive: true })
  for (const name of names ?? Object.keys(packages)) {
    const sources = packages[name].startsWith("./") ? await sourcesIn(packages[name]) : []
    await whenStale(join(programsPath, `${name}.made-from`), [...sums, ...sources], () =>
      step(`building ${name} (${version})`, () =>
        run("go", ["-C", modulePath, "build", "-trimpath", "-o", join(programsPath, name), packages[name]], {
          show: false,
        }),
      ),
    )
  }
  return programsPath
}

async function goVersion() {
  try {
    return (await run("go", ["version"], { show: false })).trim()
  } catch (error) {
    throw new CommandFailed(`Go is wanting: ${error.code === "ENOENT" ? "there is no go" : error.message}`)
  }
}

/** Does what makes a thing, unless its stamp says that it was made from the same. */
async function whenStale(stampPath, texts, make) {
  const digest = createHash("sha256").update(JSON.stringify(texts)).digest("hex")
  const stamp = await readFile(stampPath, "utf8").catch(() => undefined)
  if (stamp === digest) return
  await make()
  await writeFile(stampPath, digest)
}

async function sourcesIn(folder) {
  const names = await readdir(join(modulePath, folder))
  return textsOf(...names.sort().map((name) => join(folder, name)))
}

function textsOf(...paths) {
  return Promise.all(paths.map((path) => readFile(join(modulePath, path), "utf8")))
}

if (isMain(import.meta)) {
  await main(usage, {}, async () => console.log(await ensureGo()))
}
