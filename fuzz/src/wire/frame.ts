/** Frames as a peer may send them, right or wrong; written from RFC 9113 §4.1, without the engine under test. */
export const Type = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const

export const preface: Uint8Array = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

export type Bytes = Uint8Array | readonly number[]

export function frame(type: number, flags: number, streamId: number, payload: Bytes): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length)
  bytes.set([payload.length >>> 16, payload.length >>> 8, payload.length, type, flags])
  bytes.set(uint32(streamId), 5)
  bytes.set(payload, 9)
  return bytes
}

export function uint32(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value >>> 0, 4 * i)
  })
  return bytes
}

/** Identifier and value, in turns. */
export function settings(...entries: readonly number[]): Uint8Array {
  const payload = Buffer.alloc(3 * entries.length)
  for (let i = 0; i < entries.length; i += 2) {
    payload.writeUInt16BE(entries[i]!, 3 * i)
    payload.writeUInt32BE(entries[i + 1]! >>> 0, 3 * i + 2)
  }
  return frame(Type.settings, 0, 0, payload)
}

export const settingsAck: Uint8Array = frame(Type.settings, Flag.ack, 0, [])

export function headers(streamId: number, block: Bytes, end = false): Uint8Array {
  return frame(Type.headers, Flag.endHeaders | (end ? Flag.endStream : 0), streamId, block)
}

export function data(streamId: number, content: Bytes, end = false): Uint8Array {
  return frame(Type.data, end ? Flag.endStream : 0, streamId, content)
}

export function rstStream(streamId: number, code: number): Uint8Array {
  return frame(Type.rstStream, 0, streamId, uint32(code))
}

export function windowUpdate(streamId: number, increment: number): Uint8Array {
  return frame(Type.windowUpdate, 0, streamId, uint32(increment))
}

export function ping(ack = false): Uint8Array {
  return frame(Type.ping, ack ? Flag.ack : 0, 0, [1, 2, 3, 4, 5, 6, 7, 8])
}

export function goAway(lastStreamId: number, code: number): Uint8Array {
  return frame(Type.goAway, 0, 0, uint32(lastStreamId, code))
}

/** Of each frame in bytes that hold whole frames: where it begins and ends. */
export function framesIn(bytes: Uint8Array, from = 0): { readonly start: number; readonly stop: number }[] {
  const frames: { start: number; stop: number }[] = []
  let at = from
  while (at + 9 <= bytes.length) {
    const stop = at + 9 + ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!)
    if (stop > bytes.length) break
    frames.push({ start: at, stop })
    at = stop
  }
  return frames
}
