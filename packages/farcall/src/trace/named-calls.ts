import { diagnosticsChannel } from "../core/diagnostics.js"
import type { ClientStreamEvent, ServerCallStartEvent } from "../core/diagnostics-events.js"
import { limits } from "../core/limits.js"

const clientStreams = diagnosticsChannel("farcall:client:stream:open")
const serverCalls = diagnosticsChannel("farcall:server:call:start")

/** Which call each stream is of, for lines about what knows only its stream. */
export class NamedCalls {
  private readonly calls: Map<string, number> = new Map()

  constructor() {
    clientStreams.subscribe(this.onClientStream)
    serverCalls.subscribe(this.onServerCall)
  }

  of = (connectionId: number, streamId: number): number | undefined => this.calls.get(`${connectionId}/${streamId}`)

  stop(): void {
    clientStreams.unsubscribe(this.onClientStream)
    serverCalls.unsubscribe(this.onServerCall)
  }

  private onClientStream = ({ call, connectionId, streamId }: ClientStreamEvent): void =>
    this.keep(connectionId, streamId, call.callId)

  private onServerCall = ({ callId, connectionId, streamId }: ServerCallStartEvent): void =>
    this.keep(connectionId, streamId, callId)

  private keep(connectionId: number, streamId: number, callId: number): void {
    this.calls.set(`${connectionId}/${streamId}`, callId)
    if (this.calls.size <= limits.tracedStreams) return
    for (const oldest of this.calls.keys()) {
      this.calls.delete(oldest)
      return
    }
  }
}
