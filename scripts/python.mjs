import { createHash } from "node:crypto"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CommandFailed, isMain, main, root, run, step } from "./step.mjs"

const usage = `node scripts/python.mjs

Makes what the Python peers stand on: the virtual environment .venv with the packages of
conformance/python/requirements.txt, and the stubs of every contract in .cache/python-stubs. Prints its interpreter.`

const requirementsPath = "conformance/python/requirements.txt"
const stubsPath = ".cache/python-stubs"

/**
 * Makes the Python environment, or what of it is stale.
 * @returns the path of its interpreter
 * @throws CommandFailed saying what is wanting.
 */
export async function ensurePython() {
  const requirements = await readFile(join(root, requirementsPath), "utf8")
  const version = await pythonVersion()
  const venv = join(root, ".venv")
  const interpreter = process.platform === "win32" ? join(venv, "Scripts/python.exe") : join(venv, "bin/python")
  await whenStale(join(venv, "made-from"), digestOf(version, requirements, venv), () =>
    step(`making the Python environment (${version})`, async () => {
      await run("python3", ["-m", "venv", "--clear", venv], { show: false })
      const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirementsPath]
      await run(interpreter, pip, { show: false })
    }),
  )
  await makeStubs(interpreter, requirements)
  return interpreter
}

async function pythonVersion() {
  try {
    return (
      await run("python3", ["-c", "import ensurepip, venv, sys; print(sys.version.split()[0])"], { show: false })
    ).trim()
  } catch (error) {
    const reason = error.code === "ENOENT" ? "there is no python3" : error.message
    throw new CommandFailed(`Python with venv is wanting: ${reason}`)
  }
}

/** One folder of stubs a contract: two of them are called example.proto. */
async function makeStubs(interpreter, requirements) {
  const contracts = [
    { name: "peer", folder: "conformance/proto" },
    // Not by the path that it is imported by: a folder grpc/ of stubs would hide grpcio's own.
    { name: "interop", folder: "conformance/interop/proto/grpc/testing" },
  ]
  for (const name of await readdir(join(root, "examples"))) contracts.push({ name, folder: `examples/${name}/proto` })
  const texts = []
  for (const contract of contracts) {
    contract.protos = (await filesOf(contract.folder)).filter((file) => file.endsWith(".proto"))
    for (const file of contract.protos) texts.push(file, await readFile(join(root, contract.folder, file), "utf8"))
  }
  const stubs = join(root, stubsPath)
  await whenStale(join(stubs, "made-from"), digestOf(requirements, ...texts), () =>
    step("making the Python stubs", async () => {
      await rm(stubs, { recursive: true, force: true })
      for (const { name, folder, protos } of contracts.filter((contract) => contract.protos.length > 0)) {
        const out = join(stubs, name)
        await mkdir(out, { recursive: true })
        const outs = [`--python_out=${out}`, `--grpc_python_out=${out}`, `--pyi_out=${out}`]
        await run(interpreter, ["-m", "grpc_tools.protoc", "-I", folder, ...outs, ...protos], { show: false })
      }
    }),
  )
}

/** Does what makes a thing, unless its stamp says that it was made from the same. */
async function whenStale(stampPath, digest, make) {
  const stamp = await readFile(stampPath, "utf8").catch(() => undefined)
  if (stamp === digest) return
  await make()
  await writeFile(stampPath, digest)
}

function digestOf(...texts) {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex")
}

async function filesOf(folder) {
  return await readdir(join(root, folder)).catch(() => [])
}

if (isMain(import.meta)) {
  await main(usage, {}, async () => console.log(await ensurePython()))
}
