/** Messages on a pipe, each behind its length in four bytes, big-endian, as connectrpc/conformance speaks to what it tries. */
export async function* readDelimited(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let buffered = Buffer.alloc(0)
  for await (const chunk of input) {
    buffered = Buffer.concat([buffered, chunk])
    while (buffered.length >= 4) {
      const end = 4 + buffered.readUInt32BE(0)
      if (buffered.length < end) break
      yield new Uint8Array(buffered.subarray(4, end))
      buffered = buffered.subarray(end)
    }
  }
}

export function delimited(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(message.length)
  return Buffer.concat([length, message])
}
