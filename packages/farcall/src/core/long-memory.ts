/**
 * Memory for a message of `length` bytes, with anything in it.
 *
 * The C library under Node gives back to the system what is free beyond twice the longest piece that it ever gave back
 * by itself, and takes it anew with a page fault every 4 KiB: on messages of megabytes that costs more than reading them.
 * So before the first long one a piece of nearly 32 MiB, the most that it heeds, is asked for and let go; as nothing is
 * ever written to it, it takes no memory. From then on up to 64 MiB of what was freed is kept for what comes next.
 */
export function allocateMessage(length: number): Uint8Array {
  if (unsafely === undefined) return new Uint8Array(length)
  if (!told && length >= longMessage) {
    told = true
    unsafely(longestHeeded)
  }
  return unsafely(length)
}

/** Memory that is about to be filled need not be cleared, where the platform has such. */
const unsafely: ((length: number) => Uint8Array) | undefined = (
  globalThis as { Buffer?: { allocUnsafeSlow(length: number): Uint8Array } }
).Buffer?.allocUnsafeSlow

let told = false
const longMessage = 1024 * 1024
const longestHeeded = 32 * 1024 * 1024 - 64 * 1024
