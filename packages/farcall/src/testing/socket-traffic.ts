import type { ConnectingChannel } from "../client/balanced-channel.js"
import type { ChannelView, ConnectionView, ServerView } from "../core/registry.js"
import { Http2Session } from "../transport/http2-session.js"
import type { Traffic } from "./virtual-clock.js"

/** What goes over the sockets between a pair's two sides, of which turns of the event loop do not tell when it arrives. */
export class SocketTraffic implements Traffic {
  private readonly server: ServerView
  private readonly channels: Iterable<ConnectingChannel>

  constructor(server: ServerView, channels: Iterable<ConnectingChannel>) {
    this.server = server
    this.channels = channels
  }

  /** Somebody connects, or frames have been sent that have not been received. */
  get underWay(): boolean {
    const subchannels = this.subchannels()
    if (subchannels.some(({ state }) => state === "CONNECTING")) return true
    const client = frames(subchannels.flatMap(({ connections }) => [...connections]))
    const server = frames(this.server.connections)
    return client.sent !== server.received || server.sent !== client.received
  }

  get progress(): number {
    const client = frames(this.subchannels().flatMap(({ connections }) => [...connections]))
    return client.received + frames(this.server.connections).received
  }

  private subchannels(): { readonly state: string; readonly connections: Iterable<ConnectionView> }[] {
    return [...this.channels].flatMap((channel) => [...(channel as unknown as ChannelView).subchannels])
  }
}

function frames(connections: Iterable<ConnectionView>): { readonly sent: number; readonly received: number } {
  let sent = 0
  let received = 0
  for (const session of connections) {
    if (!(session instanceof Http2Session)) continue
    const { framesSent, framesReceived } = session.connection.counters
    sent += framesSent
    received += framesReceived
  }
  return { sent, received }
}
