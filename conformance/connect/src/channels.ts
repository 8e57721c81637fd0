import { type ConnectingChannel, createChannel, tls } from "farcall"
import type { ClientCompatRequest } from "./gen/connectrpc/conformance/v1/conformance_pb.js"

/** A channel for each server, and each way to speak to it, that the suite's calls name. */
export class Channels {
  private readonly open = new Map<string, ConnectingChannel>()

  to(request: ClientCompatRequest): ConnectingChannel {
    const { host, port, serverTlsCert, clientTlsCreds, messageReceiveLimit } = request
    const creds = clientTlsCreds && Buffer.from(clientTlsCreds.cert).toString()
    const key = JSON.stringify([host, port, Buffer.from(serverTlsCert).toString(), creds, messageReceiveLimit])
    let channel = this.open.get(key)
    if (channel === undefined) {
      const credentials =
        serverTlsCert.length === 0
          ? undefined
          : tls({
              ca: Buffer.from(serverTlsCert),
              ...(clientTlsCreds && { cert: Buffer.from(clientTlsCreds.cert), key: Buffer.from(clientTlsCreds.key) }),
            })
      channel = createChannel(`${host}:${port}`, {
        credentials,
        maxReceiveMessageLength: messageReceiveLimit === 0 ? undefined : messageReceiveLimit,
      })
      this.open.set(key, channel)
    }
    return channel
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((channel) => channel.close()))
  }
}
