import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Random } from "../../../fuzz/dist/random.js"
import { corpora } from "../descriptor-identity.js"
import { PLANTED_FOLDER } from "../planted-errors.js"

/** A file that mutants are made of, and where its imports are found. */
export interface Base {
  readonly name: string
  readonly root: string
  /** A byte string. */
  readonly source: string
}

/**
 * Chooses files: half of them what people have published, of which most import little, for protoc reads all of it for each
 * mutant; half of them small files in which each rule of the language has its place.
 */
export class Bases {
  readonly #folders: readonly Folder[]
  readonly #published: Folder

  constructor() {
    const [published, ...others] = corpora()
    this.#published = published!
    this.#folders = [
      ...others,
      folderOf("../../corner-cases/"),
      folderOf("../../mutation-bases/"),
      folderOf("../../proto-syntaxes/"),
      // Each has a mistake already, which a mutation may mend, or join by a second one.
      folderOf("../../planted-errors/"),
      { root: PLANTED_FOLDER, names: readdirSync(join(PLANTED_FOLDER, "imported")).map((name) => `imported/${name}`) },
    ]
  }

  pick(random: Random): Base {
    if (random.oneIn(2)) {
      const { root, names } = random.pick(this.#folders)
      return read(root, random.pick(names))
    }
    for (;;) {
      const { root, names } = this.#published
      const base = read(root, random.pick(names))
      if (random.oneIn(20) || isLight(base)) return base
    }
  }
}

type Folder = Pick<Base, "root"> & { readonly names: readonly string[] }

function folderOf(path: string): Folder {
  const root = fileURLToPath(new URL(path, import.meta.url))
  return { root, names: readdirSync(root).filter((name) => name.endsWith(".proto")) }
}

function read(root: string, name: string): Base {
  return { name, root, source: readFileSync(join(root, name), "latin1") }
}

/** Whether protoc reads it with its imports in some milliseconds. */
function isLight({ source }: Base): boolean {
  return (
    source.length < LIGHT && [...source.matchAll(/^import "(.*)";$/gm)].every(([, path]) => LIGHT_IMPORTS.test(path!))
  )
}

/** Bytes. */
const LIGHT = 20_000
const LIGHT_IMPORTS =
  /^google\/(protobuf|type|rpc)\/|^google\/api\/(annotations|client|field_behavior|resource)\.proto$/
