/** Shared by all that has nothing yet. */
export const noBytes: Uint8Array = new Uint8Array(0)
