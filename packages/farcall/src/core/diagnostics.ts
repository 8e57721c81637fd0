import type { DiagnosticsEvents } from "./diagnostics-events.js"

/** Where messages of one kind are published, and taken: in Node the channel of this name of `node:diagnostics_channel`. */
export interface DiagnosticsChannel<Message> {
  readonly name: string | symbol
  /** Whether anybody takes what is published. What is to be published is made only then. */
  readonly hasSubscribers: boolean
  publish(message: Message): void
  subscribe(listener: DiagnosticsListener<Message>): void
  /** False when it was no subscriber. */
  unsubscribe(listener: DiagnosticsListener<Message>): boolean
}

/** Takes what a channel publishes. Called in the midst of what the message tells of: it is to be quick, and not to throw. */
export type DiagnosticsListener<Message> = (message: Message, name: string | symbol) => void

/**
 * The channel of one kind of event, typed: what `channel(name)` of `node:diagnostics_channel` gives, and on hosts without
 * that module one of our own. All that is published is in `DiagnosticsEvents`.
 */
export function diagnosticsChannel<Name extends keyof DiagnosticsEvents>(
  name: Name,
): DiagnosticsChannel<DiagnosticsEvents[Name]> {
  const found = channels.get(name) ?? makeChannel(name)
  channels.set(name, found)
  return found as DiagnosticsChannel<DiagnosticsEvents[Name]>
}

/** Held, since Node collects channels that nobody holds, their subscribers with them. */
const channels = new Map<string, DiagnosticsChannel<never>>()

/** Node, or what stands in its place. Asked for this way, as nothing here may import a module of Node's. */
interface Host {
  readonly process?: { readonly getBuiltinModule?: (name: string) => NodeDiagnostics | undefined }
  readonly console: { error(...what: unknown[]): void }
}

interface NodeDiagnostics {
  channel(name: string): DiagnosticsChannel<never>
}

const host = globalThis as unknown as Host
const node = host.process?.getBuiltinModule?.("node:diagnostics_channel")

function makeChannel(name: string): DiagnosticsChannel<never> {
  return node === undefined ? new PlainChannel<never>(name) : node.channel(name)
}

/** For hosts without channels of their own. */
export class PlainChannel<Message> implements DiagnosticsChannel<Message> {
  readonly name: string
  private listeners: readonly DiagnosticsListener<Message>[] = []

  constructor(name: string) {
    this.name = name
  }

  get hasSubscribers(): boolean {
    return this.listeners.length > 0
  }

  publish(message: Message): void {
    for (const listener of this.listeners) {
      try {
        listener(message, this.name)
      } catch (error) {
        host.console.error(`a subscriber of ${this.name} failed:`, error)
      }
    }
  }

  subscribe(listener: DiagnosticsListener<Message>): void {
    this.listeners = [...this.listeners, listener]
  }

  unsubscribe(listener: DiagnosticsListener<Message>): boolean {
    const at = this.listeners.indexOf(listener)
    if (at < 0) return false
    this.listeners = this.listeners.filter((_, index) => index !== at)
    return true
  }
}
