import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { equals, fromBinary } from "@bufbuild/protobuf"
import { type LibraryName, libraryNames, type Operation } from "../codecs/library.js"
import { generatePeerCode } from "../codecs/peer-code.js"
import { makeShapes, type Shape, type ShapeName } from "../codecs/shapes.js"
import { type CodeSize, measureCodeSizes } from "../codecs/sizes.js"
import { type Figure, lessIsBetter } from "../measure/figure.js"
import { median } from "../measure/median.js"
import { runPinned } from "../measure/pinned-process.js"
import { peerSource, python } from "../peers/paths.js"
import type { CodecTime } from "../processes/codecs.js"
import { alternate } from "./alternate.js"
import { programs } from "./programs.js"
import type { Bench, Workload } from "./workload.js"

/** Writing and reading messages: each library in a process of its own, in turns. */
export const codec: Workload = {
  name: "codec",
  title: "codec",
  async run(bench) {
    bench.progress("codec: generating the peers' code")
    const peerCode = await generatePeerCode()
    const shapes = makeShapes()
    const inputs = await writeInputs(shapes, peerCode.folder)
    const libraries = libraryNames.filter((name) => name !== "google-protobuf" || peerCode.withoutGoogle === undefined)
    if (peerCode.withoutGoogle !== undefined) {
      bench.skip(
        "google-protobuf",
        `a network and .venv (npm test makes it), to get its generator (${peerCode.withoutGoogle})`,
      )
    }
    const start = (name: LibraryName, ...more: string[]): Promise<string> => {
      const flags = ["--library", name, "--folder", peerCode.folder, "--inputs", inputs, ...more]
      return runPinned(bench.cores.load, process.execPath, [programs.codecs, ...flags])
    }
    for (const name of libraries) checkWritten(name, shapes, JSON.parse(await start(name, "--written")) as Written)
    const milliseconds = `${bench.seconds * 15}`
    const withUpb = await hasUpb(bench)
    const descriptors = join(peerCode.folder, "shapes.descriptors")
    if (withUpb) await writeDescriptors(descriptors)
    const names: Peer[] = withUpb ? [...libraries, UPB] : libraries
    const samples = await alternate(bench, "codec", names, async (name) => {
      const output =
        name === UPB
          ? await runPinned(bench.cores.load, python, [UPB_PROGRAM, descriptors, inputs, milliseconds])
          : await start(name, "--milliseconds", milliseconds)
      return JSON.parse(output) as CodecTime[]
    })
    const sizes = await measureCodeSizes(peerCode)
    return [...shapes.flatMap((shape) => comparisons(shape, samples)), ...sizeComparisons(sizes)]
  },
}

const UPB = "Python upb"
type Peer = LibraryName | typeof UPB
type Written = Readonly<Record<ShapeName, readonly string[]>>

const UPB_PROGRAM: string = peerSource("python/codecs.py")

/** Whether there is the project's virtual environment, with the protobuf in C. */
async function hasUpb(bench: Bench): Promise<boolean> {
  const program = "from google.protobuf.internal import api_implementation as a; assert a.Type() == 'upb'"
  const works =
    existsSync(python) &&
    (await promisify(execFile)(python, ["-c", program]).then(
      () => true,
      () => false,
    ))
  if (!works) bench.skip("Python's upb", "npm test makes the virtual environment that it wants, where Python 3 is")
  return works
}

async function writeInputs(shapes: readonly Shape[], folder: string): Promise<string> {
  const texts = shapes.map(({ name, encoded }) => [name, encoded.map((bytes) => Buffer.from(bytes).toString("base64"))])
  const path = join(folder, "inputs.json")
  await writeFile(path, JSON.stringify(Object.fromEntries(texts)))
  return path
}

async function writeDescriptors(path: string): Promise<void> {
  const cli = fileURLToPath(new URL("cli/main.js", import.meta.resolve("@farcall/tools")))
  const protos = fileURLToPath(new URL("../../proto", import.meta.url))
  const flags = ["compile", `-I${protos}`, `--descriptor_set_out=${path}`, "shapes.proto"]
  await promisify(execFile)(process.execPath, [cli, ...flags])
}

/** @throws Error when a library does not write what it has read */
function checkWritten(library: LibraryName, shapes: readonly Shape[], written: Written): void {
  for (const { name, schema, encoded } of shapes) {
    encoded.forEach((bytes, n) => {
      const copy = new Uint8Array(Buffer.from(written[name][n]!, "base64"))
      if (!equals(schema, fromBinary(schema, bytes), fromBinary(schema, copy))) {
        throw new Error(`${library} does not write ${name} message ${n} as it was`)
      }
    })
  }
}

/** Ours beside each other library's, on one shape. */
function comparisons(shape: Shape, samples: Readonly<Record<Peer, CodecTime[][]>>): Figure[] {
  const timeOf = (peer: Peer, operation: Operation): number | undefined => {
    const times = samples[peer]
      ?.flat()
      .filter((time) => time.shape === shape.name && time.operation === operation)
      .map(({ nanoseconds }) => nanoseconds)
    return times === undefined || times.length === 0 ? undefined : median(times)
  }
  const peers = Object.keys(samples).filter((peer) => peer !== "farcall") as Peer[]
  return (["encodeInPlace", "encode", "decode", "decodeCopy"] as const).flatMap((operation) => {
    // Copying and not copying differ by nothing where there is nothing large to copy.
    if (operation === "decodeCopy" && shape.name !== "blob") return []
    const ours = timeOf("farcall", operation)!
    return peers.map((peer) => {
      const theirs = timeOf(peer, likeOurs[operation])!
      const workload = `codec, ${shape.name} (${shape.encoded[0]!.length.toLocaleString("en-US")} B)`
      return lessIsBetter(workload, spelledOut[operation], ours, peer, theirs, goalOf(operation, shape, peer))
    })
  })
}

/** The others write to an array of their own always, and read without copying where they can. */
const likeOurs = { encodeInPlace: "encode", encode: "encode", decode: "decode", decodeCopy: "decode" } as const

const spelledOut: Readonly<Record<Operation, string>> = {
  encodeInPlace: "encode as calls do, ns",
  encode: "encode, own array, ns",
  decode: "decode, ns",
  decodeCopy: "decode, copied, ns",
}

function goalOf(operation: Operation, shape: Shape, peer: Peer): number | undefined {
  if (operation === "decodeCopy") return undefined
  if (peer === "protobufjs static") return 1.6
  if (peer === "protobuf-es") return shape.encoded[0]!.length < SMALL ? 5 : 2.5
  return undefined
}

/** Messages under so many bytes are small. */
const SMALL = 256

function sizeComparisons(sizes: readonly CodeSize[]): Figure[] {
  const ours = sizes.find(({ library }) => library === "farcall")!
  const others = sizes.filter((size) => size !== ours)
  const compare = (what: string, key: "generated" | "withRuntime"): Figure[] =>
    others.map((other) => lessIsBetter("code of ten methods", what, ours[key], other.library, other[key]))
  return [...compare("generated, gzipped B", "generated"), ...compare("with runtime, gzipped B", "withRuntime")]
}
