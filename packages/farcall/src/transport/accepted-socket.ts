import { type OnReadOpts, Socket } from "node:net"
import { readBuffer } from "./read-buffer.js"
import { SocketWire } from "./socket.js"

/**
 * A socket that a server has accepted, as a wire that reads into the buffer that all sockets share. Node offers that
 * (`onread`) only to who connects; an accepted socket has memory made for each read, 64 KiB of garbage a time. So its
 * handle is taken over by a socket of our own making; where there is none (other runtimes), the socket is used as it is.
 */
export function wireOfAccepted(accepted: Socket, path: string | undefined): SocketWire {
  const held = accepted as unknown as { _handle?: object | null }
  const handle = held._handle
  if (typeof handle !== "object" || handle === null) return new SocketWire(accepted, path)
  let wire: SocketWire | undefined
  const onread: OnReadOpts = {
    buffer: readBuffer,
    callback: (size: number): boolean => {
      wire?.read(readBuffer, size)
      return true
    },
  }
  // Without its handle, nothing of the first socket is left but what its server counts.
  held._handle = null
  accepted.destroy()
  wire = new SocketWire(new Socket({ handle, onread } as ConstructorParameters<typeof Socket>[0]), path)
  return wire
}
