import { observe } from "../core/observation.js"
import { liveChannels, liveServers } from "../core/registry.js"
import { StatusError } from "../core/status-error.js"
import { Channelz } from "../gen/grpc/channelz/v1/channelz_grpc.js"
import type { Server } from "../server/server.js"
import { findConnection, findListenSocket, findSubchannel } from "./lookup.js"
import { pageOf } from "./page.js"
import {
  snapshotOfChannel,
  snapshotOfConnection,
  snapshotOfListenSocket,
  snapshotOfSubchannel,
  summaryOfServer,
} from "./snapshot.js"
import {
  channelMessage,
  connectionMessage,
  listenSocketMessage,
  serverMessage,
  socketRef,
  subchannelMessage,
} from "./to-message.js"

// As `channelz.ts` has it, said here again: an import for its effect alone is dropped by bundlers.
observe()

/**
 * Adds `grpc.channelz.v1.Channelz` to a server: whoever may call it sees all channels and servers of this process, with
 * their addresses and certificates. It is for an address that only operators reach, or behind an interceptor that asks
 * who calls.
 * @throws TypeError when the server has it already, or listens already
 */
export function addChannelz(server: Server): void {
  server.add(Channelz, {
    getTopChannels: ({ startChannelId, maxResults }) => {
      const { views, end } = pageOf(liveChannels, startChannelId, maxResults)
      return { channel: views.map((view) => channelMessage(snapshotOfChannel(view))), end }
    },
    getServers: ({ startServerId, maxResults }) => {
      const { views, end } = pageOf(liveServers, startServerId, maxResults)
      return { server: views.map((view) => serverMessage(summaryOfServer(view))), end }
    },
    getServer: ({ serverId }) => ({
      server: serverMessage(summaryOfServer(found("server", serverId, liveServers.get(Number(serverId))))),
    }),
    getServerSockets: ({ serverId, startSocketId, maxResults }) => {
      const { connections } = found("server", serverId, liveServers.get(Number(serverId)))
      const { views, end } = pageOf(connections, startSocketId, maxResults)
      return {
        socketRef: views.map(({ entity, local, remote }) => socketRef({ id: entity.id, local, remote })),
        end,
      }
    },
    getChannel: ({ channelId }) => ({
      channel: channelMessage(snapshotOfChannel(found("channel", channelId, liveChannels.get(Number(channelId))))),
    }),
    getSubchannel: ({ subchannelId }) => {
      const view = found("subchannel", subchannelId, findSubchannel(Number(subchannelId)))
      return { subchannel: subchannelMessage(snapshotOfSubchannel(view)) }
    },
    getSocket: ({ socketId, summary }) => {
      const listening = findListenSocket(Number(socketId))
      if (listening !== undefined) return { socket: listenSocketMessage(snapshotOfListenSocket(listening)) }
      const view = found("socket", socketId, findConnection(Number(socketId)))
      return { socket: connectionMessage(snapshotOfConnection(view), summary) }
    },
  })
}

function found<View>(kind: string, id: bigint, view: View | undefined): View {
  if (view === undefined) throw new StatusError("NOT_FOUND", `there is no ${kind} ${id}, or no more`)
  return view
}
