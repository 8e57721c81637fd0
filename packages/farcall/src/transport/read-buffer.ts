/** What every socket reads into: it is used up before the next one reads. */
export const readBuffer: Uint8Array = Buffer.allocUnsafeSlow(64 * 1024)
