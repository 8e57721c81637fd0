import { Socket } from "node:net"
import { queryObjects } from "node:v8"
import { Connection } from "@farcall/http2"
import { StatusError } from "farcall"
import { MessageQueue } from "../../../packages/farcall/dist/core/message-queue.js"
import { ServerCall } from "../../../packages/farcall/dist/server/call.js"
import { GrpcServerStream } from "../../../packages/farcall/dist/server/grpc-server-stream.js"
import { Http2Session } from "../../../packages/farcall/dist/transport/http2-session.js"
import { SocketWire } from "../../../packages/farcall/dist/transport/socket.js"
import { Stream } from "../../../packages/http2/dist/stream.js"

/** What is counted: whatever a call, a stream or a connection is made of. */
const classes = {
  Connection,
  Stream,
  Http2Session,
  SocketWire,
  Socket,
  GrpcServerStream,
  ServerCall,
  MessageQueue,
  StatusError,
  AbortSignal,
}

export interface LiveObjects {
  readonly counts: ReadonlyMap<string, number>
  readonly heapUsed: number
  /** What keeps the event loop alive, by Node's names. */
  readonly resources: string
}

/** Collects garbage, and counts what is left. Needs `--expose-gc`. */
export async function liveObjects(): Promise<LiveObjects> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error("run it with --expose-gc")
  await quiet()
  for (let i = 0; i < 4; i++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const counts = new Map<string, number>()
  for (const [name, type] of Object.entries(classes)) {
    counts.set(name, queryObjects(type as unknown as () => void, { format: "count" }) as unknown as number)
  }
  const resources = process.getActiveResourcesInfo().sort().join()
  return { counts, heapUsed: process.memoryUsage().heapUsed, resources }
}

/** Longer than any timer of a connection that is done lasts. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1500))
}
