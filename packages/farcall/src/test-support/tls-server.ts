import { createChannel } from "../client/channel.js"
import type { ChannelOptions } from "../client/channel-options.js"
import { type Client, createClient } from "../client/client.js"
import type { Channel } from "../client/transport.js"
import { createServer, type Server, type ServerOptions } from "../server/server.js"
import type { Servicer } from "../server/servicer.js"
import { tls } from "../transport/tls-credentials.js"
import type { TlsOptions } from "../transport/tls-options.js"
import { authority, identity } from "./certificates.js"
import { Parrot } from "./parrot.js"

/** A server of Parrot that speaks TLS, and channels to it. */
export interface TlsServer extends AsyncDisposable {
  readonly server: Server
  readonly port: number
  /** Why connections came to nothing. */
  readonly refused: string[]
  /** A channel that believes the tests' authority, or what `credentials` says. */
  channel(credentials?: TlsOptions, options?: ChannelOptions): Channel
  client(credentials?: TlsOptions, options?: ChannelOptions): Client<typeof Parrot>
}

export async function tlsServer(
  credentials: TlsOptions = identity("server"),
  servicer: Partial<Servicer<typeof Parrot>> = { say: (request) => request },
  options: ServerOptions = {},
): Promise<TlsServer> {
  const refused: string[] = []
  const server = createServer({ onConnectionError: (error) => refused.push(error.message), ...options })
  server.add(Parrot, servicer)
  const { port } = await server.listen("127.0.0.1:0", { credentials: tls(credentials) })
  const channels: Channel[] = []
  const channel = (own: TlsOptions = {}, channelOptions: ChannelOptions = {}): Channel => {
    const made = createChannel(`127.0.0.1:${port}`, {
      credentials: tls({ ca: authority, ...own }),
      ...channelOptions,
    })
    channels.push(made)
    return made
  }
  return {
    server,
    port: port!,
    refused,
    channel,
    client: (own, channelOptions) => createClient(Parrot, channel(own, channelOptions)),
    async [Symbol.asyncDispose]() {
      for (const made of channels) await made.close()
      await server.shutdown({ graceMs: 0 })
    },
  }
}
