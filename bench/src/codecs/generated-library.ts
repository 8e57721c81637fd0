import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Library, LibraryName } from "./library.js"
import { messageNames, type ShapeName } from "./shapes.js"

/** The libraries whose code their own generators wrote into `folder` (see peer-code.ts). */
export async function generatedLibrary(name: LibraryName, folder: string): Promise<Library> {
  if (name === "google-protobuf") return googleProtobuf(join(folder, "shapes_pb.cjs"))
  const path = join(folder, name === "ts-proto" ? "shapes.js" : "protobufjs.js")
  const loaded = (await import(pathToFileURL(path).href)) as object
  // pbjs nests what is in a package; ts-proto does not.
  const messages = name === "ts-proto" ? loaded : (loaded as { farcall: { bench: object } }).farcall.bench
  return writerLibrary(messages as WriterMessages)
}

interface WriterMessage {
  encode(message: unknown): { finish(): Uint8Array }
  decode(bytes: Uint8Array): unknown
}

type WriterMessages = Readonly<Record<string, WriterMessage>>

/** protobufjs and those whose functions are named like its own. */
function writerLibrary(types: WriterMessages): Library {
  return {
    subject(shape: ShapeName, encoded: readonly Uint8Array[]) {
      const type = types[messageNames[shape]]!
      const messages = encoded.map((bytes) => type.decode(bytes))
      return {
        encode: (n) => type.encode(messages[n]).finish(),
        decode: (n) => type.decode(encoded[n]!),
      }
    },
  }
}

interface GoogleMessages {
  readonly [name: string]: { deserializeBinary(bytes: Uint8Array): { serializeBinary(): Uint8Array } }
}

function googleProtobuf(path: string): Library {
  const types = createRequire(import.meta.url)(path) as GoogleMessages
  return {
    subject(shape, encoded) {
      const type = types[messageNames[shape]]!
      const messages = encoded.map((bytes) => type.deserializeBinary(bytes))
      return {
        encode: (n) => messages[n]!.serializeBinary(),
        decode: (n) => type.deserializeBinary(encoded[n]!),
      }
    },
  }
}
