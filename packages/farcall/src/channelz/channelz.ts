import { observe } from "../core/observation.js"
import { type ChannelzSnapshot, takeSnapshot } from "./snapshot.js"

// From now on times are taken and events are remembered. Whoever never loads this module pays for neither.
observe()

/** Looks into this process: its channels and servers, the connections under them, and what each has done (gRPC A14). */
export interface LocalChannelz {
  /**
   * All that there is now, as plain objects. Numbers are counted from the beginning; times are taken, and events
   * remembered, from the moment on in which `farcall/channelz` is loaded.
   */
  snapshot(): ChannelzSnapshot
}

/** Looks into this process, without a call. */
export const channelz: LocalChannelz = { snapshot: takeSnapshot }
