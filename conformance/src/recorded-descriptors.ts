import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { toBinary } from "@bufbuild/protobuf"
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt"
import { compile } from "@farcall/tools/compile"

/** What protoc wrote for each file of these folders: a hash of the descriptor, source info included, and the name. */
export const RECORDED_FILE: string = fileURLToPath(new URL("../recorded-descriptors.txt", import.meta.url))

/** Folders in which every rule of the language has its place. */
export const recordedFolders: readonly string[] = ["corner-cases", "mutation-bases", "proto-syntaxes"]

export function folderAt(name: string): string {
  return fileURLToPath(new URL(`../${name}/`, import.meta.url))
}

export function filesIn(folder: string): string[] {
  return readdirSync(folderAt(folder)).sort()
}

/** The line of one file. @param descriptor its bytes */
export function lineOf(folder: string, file: string, descriptor: Uint8Array): string {
  return `${createHash("sha256").update(descriptor).digest("hex").slice(0, 32)} ${folder}/${file}`
}

export function ourDescriptor(folder: string, file: string): Uint8Array {
  const read = (name: string): Uint8Array | undefined => {
    try {
      return readFileSync(join(folderAt(folder), name))
    } catch {
      return undefined
    }
  }
  const { files } = compile({ files: [file], read, includeSourceInfo: true })
  const descriptor = files.find(({ name }) => name === file)
  return descriptor === undefined ? new Uint8Array(0) : toBinary(FileDescriptorProtoSchema, descriptor)
}
