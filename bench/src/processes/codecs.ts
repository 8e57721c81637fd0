import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { type LibraryName, loadLibrary, type Operation, operations, type Subject } from "../codecs/library.js"
import type { ShapeName } from "../codecs/shapes.js"
import { median } from "../measure/median.js"

// Measures one library in a process of its own: code that two libraries share would be compiled for both otherwise.

/** The encoded values of each shape, in base64: what the file consists of that this program is given. */
export type Inputs = Readonly<Record<ShapeName, readonly string[]>>

/** CPU nanoseconds of one operation on one shape: what this program prints, as JSON, one of each. */
export interface CodecTime {
  readonly shape: ShapeName
  readonly operation: Operation
  readonly nanoseconds: number
}

const { values: flags } = parseArgs({
  options: {
    library: { type: "string" },
    folder: { type: "string" },
    inputs: { type: "string" },
    milliseconds: { type: "string", default: "60" },
    only: { type: "string", multiple: true },
    written: { type: "boolean" },
  },
})
const milliseconds = Number(flags.milliseconds)
const inputs = JSON.parse(await readFile(flags.inputs!, "utf8")) as Inputs
const library = await loadLibrary(flags.library as LibraryName, flags.folder!)
const subjects = (Object.keys(inputs) as ShapeName[])
  .filter((shape) => flags.only === undefined || flags.only.includes(shape))
  .map((shape) => {
    // Arrays of their own, not of Buffer's pool: what they are read from must be as plain as what a peer sends.
    const encoded = inputs[shape].map((text) => new Uint8Array(Buffer.from(text, "base64")))
    return { shape, size: encoded[0]!.length, count: encoded.length, subject: library.subject(shape, encoded) }
  })

/** In the first passes over all shapes and operations, what is measured is the compiler at work as well. */
const UNMEASURED_PASSES = 2
const PASSES = 3

/** What was made, so that nothing can be left out as unused. */
let kept: unknown

if (flags.written) {
  // What this library writes of what it has read, for others to look at.
  const written = subjects.map(({ shape, count, subject }) => [shape, writtenBy(subject, count)])
  console.log(JSON.stringify(Object.fromEntries(written)))
} else {
  // Every shape is met before anything is measured: in a program, code has seen more than one kind of message.
  for (let round = 0; round < 3; round++) {
    for (const { subject, size } of subjects) warmUp(subject, Math.max(30, Math.min(3000, 3e6 / size)))
  }
  const samples = new Map<string, number[]>()
  for (let pass = -UNMEASURED_PASSES; pass < PASSES; pass++) {
    for (const { shape, subject } of subjects) {
      for (const operation of operations.filter((name) => subject[name] !== undefined)) {
        const nanoseconds = timeOf(subject, operation)
        if (pass < 0) continue
        const key = `${shape} ${operation}`
        samples.set(key, [...(samples.get(key) ?? []), nanoseconds])
      }
    }
  }
  const times = [...samples].map(([key, nanoseconds]): CodecTime => {
    const [shape, operation] = key.split(" ") as [ShapeName, Operation]
    return { shape, operation, nanoseconds: median(nanoseconds) }
  })
  if (kept === undefined) throw new Error("nothing was measured")
  console.log(JSON.stringify(times))
}

function writtenBy(subject: Subject, count: number): string[] {
  return Array.from({ length: count }, (_, n) => Buffer.from(subject.encode(n)).toString("base64"))
}

function warmUp(subject: Subject, times: number): void {
  for (let i = 0; i < times; i++) for (const operation of operations) kept = subject[operation]?.(i & 15)
}

/** Repeats an operation for the time that was asked for; CPU nanoseconds of one. */
function timeOf(subject: Subject, operation: Operation): number {
  let batch = 16
  for (;;) {
    const took = cpuMicros(subject, operation, batch) / 1000
    if (took >= milliseconds / 2) {
      batch = Math.ceil((batch * milliseconds) / took)
      return (cpuMicros(subject, operation, batch) * 1000) / batch
    }
    batch = Math.ceil(batch * Math.min(8, Math.max(1.3, (0.6 * milliseconds) / Math.max(took, 0.01))))
  }
}

/** What the process uses of CPU, collecting garbage and compiling included, while an operation is done so many times. */
function cpuMicros(subject: Subject, operation: Operation, times: number): number {
  const run = subject[operation]!
  const begun = process.cpuUsage()
  for (let i = 0; i < times; i++) kept = run(i & 15)
  const { user, system } = process.cpuUsage(begun)
  return user + system
}
