/**
 * Memory of its own for a large value that is about to be written, with anything in it: whoever hands it out clears what
 * was not written.
 *
 * The C library under Node asks the system for each piece of 128 KiB and more by itself, and gives it back when it is
 * freed, so that each costs a page fault every 4 KiB: more than writing it. It does so no longer with pieces that are not
 * longer than the longest it ever gave back. So first one of nearly 32 MiB, the most that it heeds, is asked for and let
 * go; as nothing is ever written to it, it takes no memory. (Calls do the same for what they receive: neither package
 * stands on the other.)
 */
export function unclearedMemory(length: number): Uint8Array {
  if (unsafely === undefined) return new Uint8Array(length)
  if (!told) {
    told = true
    unsafely(LONGEST_HEEDED)
  }
  // What is handed out is never a Buffer.
  return new Uint8Array(unsafely(length).buffer, 0, length)
}

/** Looked up on globalThis, because this package knows no platform. */
const unsafely: ((length: number) => Uint8Array) | undefined = (
  globalThis as { Buffer?: { allocUnsafeSlow(length: number): Uint8Array } }
).Buffer?.allocUnsafeSlow

let told = false
const LONGEST_HEEDED = 32 * 1024 * 1024 - 64 * 1024
