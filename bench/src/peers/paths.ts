import { fileURLToPath } from "node:url"

/** The contract that all of them serve. */
export const echoProto: string = fileURLToPath(
  new URL("../proto/echo.proto", import.meta.resolve("@farcall/example-echo/servicer.js")),
)

/** A file of a peer's source. */
export function peerSource(path: string): string {
  return fileURLToPath(new URL(`../../peers/${path}`, import.meta.url))
}

/** Where what is built of a peer is kept. */
export function peerFolder(name: string): string {
  return fileURLToPath(new URL(`../../../.cache/bench-peers/${name}`, import.meta.url))
}

/** The Python of the project's virtual environment, which is not there before `npm test` has made it. */
export const python: string = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url))
