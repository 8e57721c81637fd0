import type { Server } from "node:net"
import type { Conversation } from "./conversation.js"
import type { ClientView, ServerView } from "./views.js"

/** An implementation of HTTP/2 that can play either part. When the signal aborts, it leaves off and tells what it has. */
export interface Peer {
  /** Listens for the one connection of a conversation. */
  serve(conversation: Conversation, signal: AbortSignal): Promise<Serving>
  call(conversation: Conversation, port: number, signal: AbortSignal): Promise<ClientView>
  /** Ends what it runs on. */
  close?(): Promise<void>
}

interface Serving {
  readonly port: number
  /** When the connection has closed. */
  readonly view: Promise<ServerView>
}

/** Listens on a port of loopback that is free. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  return (server.address() as { port: number }).port
}
