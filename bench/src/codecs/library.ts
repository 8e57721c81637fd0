import type { ShapeName } from "./shapes.js"

/** Somebody's way of writing and reading protobuf messages. */
export interface Library {
  /** What writes and reads the messages of one shape. */
  subject(shape: ShapeName, encoded: readonly Uint8Array[]): Subject
}

/** One library on one shape; `n` picks the value. What is written was read before, by the same library. */
export interface Subject {
  /** Writes a value to an array of its own. */
  encode(n: number): Uint8Array
  /** Writes a value into a buffer that is used again and again, as calls do; returns where it ends. */
  readonly encodeInPlace?: (n: number) => number
  /** Reads a value; large bytes in it may be views of what it was read from. */
  decode(n: number): unknown
  /** Reads a value that shares nothing with the bytes. */
  readonly decodeCopy?: (n: number) => unknown
}

export const operations = ["encode", "encodeInPlace", "decode", "decodeCopy"] as const
export type Operation = (typeof operations)[number]

export const libraryNames = ["farcall", "protobuf-es", "protobufjs static", "ts-proto", "google-protobuf"] as const
export type LibraryName = (typeof libraryNames)[number]

/** Loads one library and nothing of the others. @param folder where the peers' generated code is */
export async function loadLibrary(name: LibraryName, folder: string): Promise<Library> {
  switch (name) {
    case "farcall":
      return (await import("./farcall.js")).farcall
    case "protobuf-es":
      return (await import("./protobuf-es.js")).protobufEs
    default:
      return (await import("./generated-library.js")).generatedLibrary(name, folder)
  }
}
