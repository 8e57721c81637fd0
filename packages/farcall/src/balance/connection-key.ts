import { type ChannelOptions, channelDefaults } from "../client/channel-options.js"
import { systemClock } from "../core/clock.js"
import { insecure, transportCredentials } from "../transport/credentials.js"

/**
 * All that makes a channel's connections what they are, as text: channels may share connections when theirs are the same.
 * What is an object with state of its own (credentials, codecs, clocks) is the same only when it is the very same object.
 */
export function connectionKey(options: ChannelOptions): string {
  const { connectTimeoutMs, maxConnectionsPerAddress } = { ...channelDefaults, ...options }
  const parts = [
    identity(transportCredentials(options.credentials) ?? insecure()),
    identity(options.clock ?? systemClock),
    (options.compressions ?? []).map(identity),
    [options.proxy, options.userAgent],
    [options.maxReceiveMessageLength, options.maxSendMessageLength, connectTimeoutMs, maxConnectionsPerAddress],
    [options.http2, options.keepalive, options.backoff],
  ]
  // JSON has no Infinity.
  return JSON.stringify(parts, (_, value) => (typeof value === "number" ? String(value) : value))
}

const identities = new WeakMap<object, number>()
let last = 0

function identity(object: object): number {
  const known = identities.get(object) ?? ++last
  identities.set(object, known)
  return known
}
