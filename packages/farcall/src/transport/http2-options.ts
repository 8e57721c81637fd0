import { defaultLimits, type Limits } from "@farcall/http2"
import type { KnownOptions } from "../core/known-options.js"

/** What `http2` of a channel or server may say: every limit of the engine, by its name there. */
export const http2Options: KnownOptions<Limits> = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, "number"]),
) as KnownOptions<Limits>
