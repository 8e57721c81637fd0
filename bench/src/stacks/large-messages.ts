import type { Limits } from "@farcall/http2"
import { largeWindow } from "./load-client.js"

/** Our limits where messages of 4 MiB are measured: windows that hold some, and frames of 64 KiB. */
export const largeMessages: Partial<Limits> = {
  maxFrameSize: 64 * 1024,
  outputHighWater: 1024 * 1024,
  streamWindow: largeWindow,
  connectionWindow: 4 * largeWindow,
}
