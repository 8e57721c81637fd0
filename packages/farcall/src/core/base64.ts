/**
 * Base64 as gRPC's `-bin` metadata has it: written without padding, read with and without (checklist point 17).
 */

/** The bytes in base64, without padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ""
  for (let i = 0; i < bytes.length; i++) binary += String.fromCharCode(bytes[i]!)
  const padded = btoa(binary)
  const end = padded.indexOf("=")
  return end < 0 ? padded : padded.slice(0, end)
}

/** The bytes that `text` stands for, or `undefined` when it is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  let binary: string
  try {
    binary = atob(text)
  } catch {
    return undefined
  }
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
