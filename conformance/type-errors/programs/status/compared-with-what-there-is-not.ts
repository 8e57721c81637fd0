// TS2367: This comparison appears to be unintentional because the types 'ErrorStatusCode' and '"NotFound"' have no overlap.

import { StatusError } from "farcall"

export const isMissing = (error: unknown): boolean => error instanceof StatusError && error.code === "NotFound"
