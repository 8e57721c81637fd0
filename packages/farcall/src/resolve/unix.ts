import type { NameSource } from "./resolver.js"
import { staticName } from "./static.js"

/** A unix socket; its authority is `localhost` (gRPC A41, as in every other implementation). */
export function unixName(path: string): NameSource {
  return staticName([{ kind: "unix", path }], "localhost", true)
}
