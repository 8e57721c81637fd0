import { fileURLToPath } from "node:url"
import { bidirectionalStream } from "./bidirectional-stream.js"
import { cancelledCall } from "./cancelled-call.js"
import { drain } from "./drain.js"
import { protoToBytes } from "./proto-to-bytes.js"
import { unaryCall } from "./unary-call.js"
import type { Way } from "./way.js"

/** What docs/architecture.md shows as pictures. */
export const ways: readonly Way[] = [unaryCall, bidirectionalStream, cancelledCall, drain, protoToBytes]

/** Where a way's picture is. */
export function pictureOf({ name }: Way): string {
  return fileURLToPath(new URL(`../../../../docs/ways/${name}.svg`, import.meta.url))
}
