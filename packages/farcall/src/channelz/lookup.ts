import {
  type ConnectionView,
  type ListenSocketView,
  liveChannels,
  liveServers,
  type SubchannelView,
} from "../core/registry.js"

// Nothing is kept of what is looked at seldom: subchannels and sockets are found by a walk through all that live.

export function findSubchannel(id: number): SubchannelView | undefined {
  for (const subchannel of allSubchannels()) if (subchannel.entity.id === id) return subchannel
  return undefined
}

/** A connection of a client or of a server. */
export function findConnection(id: number): ConnectionView | undefined {
  for (const holder of connectionHolders()) {
    for (const connection of holder.connections) if (connection.entity.id === id) return connection
  }
  return undefined
}

export function findListenSocket(id: number): ListenSocketView | undefined {
  for (const server of liveServers) {
    for (const socket of server.listenSockets) if (socket.entity.id === id) return socket
  }
  return undefined
}

function* allSubchannels(): Iterable<SubchannelView> {
  for (const channel of liveChannels) yield* channel.subchannels
}

function* connectionHolders(): Iterable<{ readonly connections: Iterable<ConnectionView> }> {
  yield* allSubchannels()
  yield* liveServers
}
