import type {
  CallsSnapshot,
  ChannelSnapshot,
  ChannelzSnapshot,
  ConnectionSnapshot,
  ServerSnapshot,
  SubchannelSnapshot,
  TraceSnapshot,
} from "./snapshot.js"

/** What the picture shows. */
export interface FormatOptions {
  /** How many of the last events of each trace are told. Default 5. */
  readonly events?: number | undefined
}

/** A snapshot as a tree, for people. */
export function formatChannelz(snapshot: ChannelzSnapshot, options: FormatOptions = {}): string {
  const { takenAt, channels, servers } = snapshot
  const printer = new Printer(takenAt, options.events ?? 5)
  const roots = [
    ...channels.map((channel) => printer.channel(channel)),
    ...servers.map((server) => printer.server(server)),
  ]
  const lines = roots.length === 0 ? ["no channels, no servers"] : roots.flat()
  return lines.join("\n")
}

/** What each makes is a block of lines, of which the first is its head. */
class Printer {
  private readonly now: number
  private readonly maxEvents: number

  constructor(takenAt: Date, maxEvents: number) {
    this.now = takenAt.getTime()
    this.maxEvents = maxEvents
  }

  channel({ id, target, state, calls, trace, subchannels }: ChannelSnapshot): string[] {
    return tree(`channel ${id} ${target} ${state}, ${this.calls(calls)}`, [
      ...this.events(trace),
      ...subchannels.map((subchannel) => this.subchannel(subchannel)),
    ])
  }

  server({ id, calls, trace, listenSockets, connections }: ServerSnapshot): string[] {
    return tree(`server ${id}, ${this.calls(calls)}`, [
      ...this.events(trace),
      ...listenSockets.map(({ id, local }) => [`socket ${id} listens on ${local}`]),
      ...connections.map((connection) => this.connection(connection)),
    ])
  }

  private subchannel({ id, address, state, calls, trace, connections }: SubchannelSnapshot): string[] {
    return tree(`subchannel ${id} ${address} ${state}, ${this.calls(calls)}`, [
      ...this.events(trace),
      ...connections.map((connection) => this.connection(connection)),
    ])
  }

  private connection(connection: ConnectionSnapshot): string[] {
    const { id, local, remote, security, streams, messages, keepalivesSent, flowControl, goAwayCode } = connection
    const about = [`open ${this.ago(connection.createdAt)}`]
    about.push(security === undefined ? "plaintext" : `${security.protocol} ${security.cipher}`)
    if (keepalivesSent > 0) about.push(counted(keepalivesSent, "keepalive"))
    if (goAwayCode !== undefined) about.push(`GOAWAY ${goAwayCode} came`)
    const { open, allowed, started, succeeded, failed } = streams
    const most = allowed === undefined ? "" : ` of ${allowed}`
    const last = this.last(messages.lastSentAt, "sent") + this.last(messages.lastReceivedAt, "received")
    return tree(`socket ${id} ${local} -> ${remote}, ${about.join(", ")}`, [
      [`streams: ${open}${most} open, ${started} started, ${succeeded} ended, ${failed} broken`],
      [`messages: ${messages.sent} sent, ${messages.received} received${last}`],
      [`windows: ${flowControl.mayBeSent} bytes may be sent, ${flowControl.mayCome} may come`],
    ])
  }

  private calls({ started, succeeded, failed, lastStartedAt }: CallsSnapshot): string {
    const running = started - succeeded - failed
    return `${counted(started, "call")} (${succeeded} ok, ${failed} failed, ${running} running${this.last(lastStartedAt, "started")})`
  }

  private events({ eventCount, events }: TraceSnapshot): string[][] {
    const told = this.maxEvents > 0 ? events.slice(-this.maxEvents) : []
    const lines = told.map(({ at, severity, text, child }) => {
      const about = child === undefined ? "" : ` (${child.kind} ${child.id})`
      return [`${severity === "info" ? "" : `${severity.toUpperCase()} `}${this.ago(at)} ago: ${text}${about}`]
    })
    const before = eventCount - told.length
    return before > 0 && told.length > 0 ? [[`${counted(before, "event")} before`], ...lines] : lines
  }

  private last(at: Date | undefined, what: string): string {
    return at === undefined ? "" : `, last ${what} ${this.ago(at)} ago`
  }

  private ago(at: Date): string {
    const seconds = Math.max(0, this.now - at.getTime()) / 1000
    if (seconds < 60) return `${seconds.toFixed(1)} s`
    if (seconds < 3600) return `${(seconds / 60).toFixed(1)} min`
    return seconds < 86_400 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`
  }
}

/** A head with blocks under it. */
function tree(head: string, blocks: readonly (readonly string[])[]): string[] {
  const lines = [head]
  blocks.forEach((block, index) => {
    const last = index === blocks.length - 1
    block.forEach((line, at) => {
      lines.push(`${at === 0 ? (last ? "└─ " : "├─ ") : last ? "   " : "│  "}${line}`)
    })
  })
  return lines
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`
}
