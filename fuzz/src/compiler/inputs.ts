import { readdirSync, readFileSync } from "node:fs"
import { Random } from "../random.js"
import { mutateProto } from "./proto-mutations.js"

/** A file that may be anything, with the files that its imports find. */
export interface ProtoInput {
  readonly name: string
  readonly source: Uint8Array
  readonly changes: readonly string[]
  /** The other files, by the name that imports have for them. */
  readonly read: (name: string) => Uint8Array | undefined
}

/** The input of a seed is always the same one. */
export function inputOf(seed: number): ProtoInput {
  const random = new Random(seed)
  const folder = random.pick(folders())
  const name = random.pick(folder.names)
  const other = random.pick(folders())
  let mutant = mutateProto(folder.read(name), random, other.read(random.pick(other.names)))
  if (random.oneIn(2)) {
    const change = random.pick(BYTE_MUTATIONS)
    mutant = { source: change(mutant.source, random), changes: [...mutant.changes, change.name] }
  }
  const { source, changes } = mutant
  return {
    name,
    source: Buffer.from(source, "latin1"),
    changes,
    read: (path) => (folder.has(path) ? Buffer.from(folder.read(path), "latin1") : undefined),
  }
}

/** What no typing mistake does. */
const BYTE_MUTATIONS: readonly ((text: string, random: Random) => string)[] = [
  function bytesChanged(text, random) {
    let changed = text
    for (let left = 1 + random.below(8); left > 0; left--) {
      const at = random.below(changed.length + 1)
      changed = changed.slice(0, at) + String.fromCharCode(random.below(256)) + changed.slice(at + random.below(2))
    }
    return changed
  },
  function endLost(text, random) {
    return text.slice(0, random.below(text.length + 1))
  },
  function beginningLost(text, random) {
    return text.slice(random.below(text.length + 1))
  },
  function pieceRepeated(text, random) {
    const start = random.below(text.length + 1)
    const piece = text.slice(start, start + 1 + random.below(60))
    const times = 2 + random.below(random.oneIn(4) ? MOST_REPEATS : 20)
    return text.slice(0, start) + piece.repeat(times) + text.slice(start + piece.length)
  },
  function deeplyNested(text, random) {
    const at = text.indexOf("\n", random.below(text.length + 1)) + 1
    const [opening, closing] = random.pick(NESTINGS)
    const depth = 1 + random.below(random.oneIn(4) ? MOST_REPEATS : 120)
    return text.slice(0, at) + opening.repeat(depth) + closing.repeat(random.oneIn(4) ? 0 : depth) + text.slice(at)
  },
]

const MOST_REPEATS = 5_000

const NESTINGS: readonly (readonly [opening: string, closing: string])[] = [
  ["message A { ", "}"],
  ["optional group G = 1 { ", "}"],
  ["oneof o { ", "}"],
  ["option a = { b ", "}"],
  ["option (a) = { b: [ ", "] }"],
  ["[", "]"],
  ["(", ")"],
  ["{", "}"],
  ["a.", "a"],
  ["/*", "*/"],
  ["map<string, ", ">"],
  ["'a' ", "\n"],
]

/** Small files of the conformance suite: each rule of the language has its place in one, and each mistake too. */
interface Folder {
  readonly names: readonly string[]
  has(name: string): boolean
  /** A byte string. */
  read(name: string): string
}

let found: readonly Folder[] | undefined

function folders(): readonly Folder[] {
  found ??= ["mutation-bases", "corner-cases", "proto-syntaxes", "planted-errors"].map((name) => {
    const path = new URL(`../../../conformance/${name}/`, import.meta.url)
    const names = readdirSync(path, { recursive: true, encoding: "utf8" })
      .map((name) => name.replaceAll("\\", "/"))
      .filter((name) => name.endsWith(".proto"))
      .sort()
    const texts = new Map(names.map((name) => [name, readFileSync(new URL(name, path), "latin1")]))
    return { names, has: (name) => texts.has(name), read: (name) => texts.get(name)! }
  })
  return found
}
