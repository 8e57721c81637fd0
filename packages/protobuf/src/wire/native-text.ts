// Node's Buffer has native UTF-8 routines that are several times faster than TextEncoder and TextDecoder, which are
// what every other platform has. Looked up on globalThis, because this package knows no platform.

export interface NativeText {
  /** Decodes bytes[start…stop), with U+FFFD for what is malformed. */
  slice(this: Uint8Array, start: number, stop: number): string
  /** Encodes at `position`, with U+FFFD for lone surrogates, and returns how many bytes were written. */
  write(this: Uint8Array, text: string, position: number): number
}

export const nativeText: NativeText | undefined = findNativeText(globalThis)

export function findNativeText(platform: object): NativeText | undefined {
  const { Buffer } = platform as { Buffer?: { prototype?: Record<string, unknown> } }
  const slice = Buffer?.prototype?.["utf8Slice"]
  const write = Buffer?.prototype?.["utf8Write"]
  if (typeof slice !== "function" || typeof write !== "function") return undefined
  return { slice: slice as NativeText["slice"], write: write as NativeText["write"] }
}
