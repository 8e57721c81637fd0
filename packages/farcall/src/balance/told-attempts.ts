import { diagnosticsChannel } from "../core/diagnostics.js"
import type { ConnectingEvent } from "../core/diagnostics-events.js"
import { formatAddress } from "../transport/address.js"
import type { ConnectTransport } from "./connection-attempt.js"

const connecting = diagnosticsChannel("farcall:client:connection:connecting")
const failed = diagnosticsChannel("farcall:client:connection:failed")

/** Publishes each attempt of a channel to connect on diagnostics channels, and those that fail. */
export function toldAttempts(connect: ConnectTransport, channelId: number, target: string): ConnectTransport {
  return async (address, listener, attempt) => {
    if (!connecting.hasSubscribers && !failed.hasSubscribers) return connect(address, listener, attempt)
    const event: ConnectingEvent = { channelId, target, address: formatAddress(address), authority: attempt.authority }
    if (connecting.hasSubscribers) connecting.publish(event)
    try {
      return await connect(address, listener, attempt)
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
      if (failed.hasSubscribers) failed.publish({ ...event, error })
      throw thrown
    }
  }
}
