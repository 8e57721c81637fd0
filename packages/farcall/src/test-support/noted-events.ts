import { type DiagnosticsListener, diagnosticsChannel } from "../core/diagnostics.js"
import type { DiagnosticsEvents } from "../core/diagnostics-events.js"

type Name = keyof DiagnosticsEvents

/** Every name there is: one that is missing does not compile. */
const names: Record<Name, true> = {
  "farcall:client:channel:state": true,
  "farcall:client:resolver:update": true,
  "farcall:client:resolver:error": true,
  "farcall:client:subchannel:state": true,
  "farcall:client:subchannel:health": true,
  "farcall:client:connection:connecting": true,
  "farcall:client:connection:failed": true,
  "farcall:client:connection:connected": true,
  "farcall:client:connection:draining": true,
  "farcall:client:connection:closed": true,
  "farcall:client:call:start": true,
  "farcall:client:attempt:start": true,
  "farcall:client:stream:open": true,
  "farcall:client:stream:reset": true,
  "farcall:client:attempt:end": true,
  "farcall:client:call:end": true,
  "farcall:server:listening": true,
  "farcall:server:draining": true,
  "farcall:server:closed": true,
  "farcall:server:health": true,
  "farcall:server:connection:failed": true,
  "farcall:server:connection:connected": true,
  "farcall:server:connection:draining": true,
  "farcall:server:connection:closed": true,
  "farcall:server:stream:open": true,
  "farcall:server:stream:reset": true,
  "farcall:server:call:start": true,
  "farcall:server:call:end": true,
  "farcall:server:worker:started": true,
  "farcall:server:worker:died": true,
}

export const eventNames: readonly Name[] = Object.keys(names) as Name[]

/** What is published while it is there, in order. */
export class NotedEvents implements Disposable {
  readonly all: { readonly name: Name; readonly message: unknown }[] = []
  private readonly subscribed: readonly Name[]
  private readonly note: DiagnosticsListener<unknown> = (message, name) => {
    this.all.push({ name: name as Name, message })
  }

  constructor(subscribed: readonly Name[] = eventNames) {
    this.subscribed = subscribed
    for (const name of subscribed) diagnosticsChannel(name).subscribe(this.note)
  }

  of<Wanted extends Name>(wanted: Wanted): DiagnosticsEvents[Wanted][] {
    return this.all.filter(({ name }) => name === wanted).map(({ message }) => message as DiagnosticsEvents[Wanted])
  }

  /** The names in order, without `farcall:`. */
  names(side: "client" | "server"): string[] {
    return this.all.filter(({ name }) => name.startsWith(`farcall:${side}:`)).map(({ name }) => name.slice(15))
  }

  [Symbol.dispose](): void {
    for (const name of this.subscribed) diagnosticsChannel(name).unsubscribe(this.note)
  }
}
