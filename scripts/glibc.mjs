import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CommandFailed, isMain, main, root, run, step } from "./step.mjs"

const usage = `node scripts/glibc.mjs

Puts the C and C++ libraries that protobuf's conformance runner wants beside those of this machine, where these are too
old: Debian's packages of a later release, from the mirror that apt is configured with, unpacked into .cache/glibc and
used by nothing else. Prints that folder, or an empty line when the machine's own will do.`

const wanted = { major: 2, minor: 38 }
const release = "trixie"
const packages = ["libc6", "libstdc++6", "libgcc-s1"]
const folder = join(root, ".cache/glibc")

/**
 * Makes the folder of libraries that programs for a later glibc are started with.
 * @returns its path; "" when this machine needs none
 * @throws CommandFailed saying what is wanting.
 */
export async function ensureGlibc() {
  if (process.arch !== "x64") throw new CommandFailed("protobuf's conformance runner comes for x64 alone")
  if (process.platform !== "linux" || isEnough(process.report.getReport().header.glibcVersionRuntime)) return ""
  const stamp = join(folder, "made-from")
  const made = `${release} ${packages.join(" ")}\n`
  if ((await readFile(stamp, "utf8").catch(() => undefined)) === made) return folder
  await step(`unpacking the C library of Debian ${release}`, async () => {
    try {
      await rm(folder, { recursive: true, force: true })
      await unpack(await download())
      await writeFile(stamp, made)
    } catch (error) {
      const reason = error.code === "ENOENT" ? "there is no apt" : error.message
      throw new CommandFailed(`a glibc of ${wanted.major}.${wanted.minor} is wanting: ${reason}`)
    }
  })
  return folder
}

function isEnough(version) {
  const [major, minor] = (version ?? "0.0").split(".").map(Number)
  return major > wanted.major || (major === wanted.major && minor >= wanted.minor)
}

/** Fetches the packages with lists of their own, so that apt's are as they were; needs no privileges. */
async function download() {
  const apt = join(folder, "apt")
  for (const path of ["lists/partial", "cache/archives/partial"]) await mkdir(join(apt, path), { recursive: true })
  await writeFile(join(apt, "sources.list"), `deb ${await debianMirror()} ${release} main\n`)
  const options = [
    `Dir::Etc::SourceList=${join(apt, "sources.list")}`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${join(apt, "lists")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    // Only the list of packages: neither translations nor what desktops show.
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
    "Acquire::Retries=3",
    // apt's own user may not write here.
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option])
  await run("apt-get", [...options, "-qq", "update"], { show: false })
  await run("apt-get", [...options, "-qq", "download", ...packages], { show: false, cwd: apt })
  const names = await readdir(apt)
  return names.filter((name) => name.endsWith(".deb")).map((name) => join(apt, name))
}

/** Where this machine has its own Debian packages from, though it may never have asked for their lists. */
async function debianMirror() {
  const uris = await run("apt-get", ["--print-uris", "update"], { show: false })
  // Security updates stand in an archive of their own, and so may packages of others.
  const mirror = /^'(\S*\/debian\/?)\/dists\/[a-z]+\/InRelease'/m.exec(uris)?.[1]
  if (mirror === undefined) throw new CommandFailed("apt is configured with no Debian mirror")
  return mirror
}

/** Leaves of the packages the libraries, side by side, and the loader. */
async function unpack(paths) {
  const unpacked = join(folder, "apt/unpacked")
  for (const path of paths) await run("dpkg-deb", ["--extract", path, unpacked], { show: false })
  for (const entry of await readdir(unpacked, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory() || !/\.so(\.\d+)*$/.test(entry.name) || entry.path.includes("gconv")) continue
    await rename(join(entry.path, entry.name), join(folder, entry.name))
  }
  const loader = (await readdir(folder)).find((name) => name.startsWith("ld-linux"))
  if (loader === undefined) throw new CommandFailed("the packages have no loader")
  await symlink(loader, join(folder, "loader"))
  await rm(join(folder, "apt"), { recursive: true })
}

if (isMain(import.meta)) {
  await main(usage, {}, async () => console.log(await ensureGlibc()))
}
