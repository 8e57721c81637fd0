import type { ConnectTransport } from "../balance/connection-attempt.js"
import { connectionKey } from "../balance/connection-key.js"
import { environmentProxy, parseProxy } from "../resolve/http-proxy.js"
import { parseTarget } from "../resolve/target.js"
import { traceByEnvironment } from "../trace/environment.js"
import type { HostPort, HttpProxy } from "../transport/address.js"
import { type ConnectingChannel, createChannelWith } from "./balanced-channel.js"
import { type ChannelOptions, checkChannelOptions, connectionOptions } from "./channel-options.js"

traceByEnvironment(process.env)

/**
 * A channel to a server, or to several that do the same: the place that calls start from. It connects when its first call
 * starts, and again whenever a call needs it to.
 *
 * Targets are `host:port`, `dns:///host:port`, `dns://server/host:port`, `unix:path`, `unix:///absolute/path`,
 * `unix-abstract:name`, `ipv4:1.2.3.4:5,…`, `ipv6:[::1]:5,…` and `passthrough:///host:port`, and those of
 * `options.schemes`; without a port it is 443.
 * @throws TypeError for a malformed target, or for plaintext that leaves the machine and was not said; TypeError or
 *   RangeError when an option is not what its description says.
 * @see https://github.com/grpc/grpc/blob/master/doc/naming.md
 */
export function createChannel(target: string, options: ChannelOptions = {}): ConnectingChannel {
  checkChannelOptions(options)
  const connection = connectionOptions(options)
  const connect: ConnectTransport = async (address, listener, { clock, authority, signal, awaits }) => {
    // With the engine, which a program that makes no call has no use for.
    const { connectHttp2 } = await import("../transport/connect.js")
    return connectHttp2(address, listener, connection(clock, authority), signal, awaits)
  }
  const { schemes, dnsServiceConfig, proxy } = options
  const name = parseTarget(target, {
    schemes,
    dns: { serviceConfig: dnsServiceConfig },
    proxyFor: (at) => proxyFor(proxy, at),
  })
  const key = options.shareConnections === true ? connectionKey(options) : undefined
  return createChannelWith(target, { name, connect, connectionKey: key }, options)
}

function proxyFor(proxy: ChannelOptions["proxy"], at: HostPort): HttpProxy | undefined {
  if (proxy === undefined) return environmentProxy(at, process.env)
  return proxy === false ? undefined : parseProxy(proxy, `createChannel: proxy, ${JSON.stringify(proxy)},`)
}
