import { type Clock, systemClock } from "../core/clock.js"
import { Http2Session, type SessionOwner } from "../transport/http2-session.js"
import type { Wire, WireHandler } from "../transport/wire.js"

const greeting = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from("000000040000000000", "hex"),
])

/** A server's session with a client that has said hello, on a wire that notes what becomes of it. Its time goes on by hand. */
export interface SessionByHand {
  readonly session: Http2Session
  /** `pause`, `resume`, and of each write its bytes. */
  readonly log: (string | number)[]
  /** Bytes come, as one read. */
  read(bytes: Uint8Array): void
  /** Does what waits for the turn's promises. */
  promisesDone(): void
  /** Does what waits for the turn's I/O. */
  turnOver(): void
}

/** @param now the clock's; real time when left out */
export function sessionByHand(owner: Partial<SessionOwner> = {}, now: () => number = systemClock.now): SessionByHand {
  const log: (string | number)[] = []
  const soon: (() => void)[] = []
  const deferred: (() => void)[] = []
  const clock: Clock = {
    ...systemClock,
    now,
    soon: (task) => void soon.push(task),
    defer: (task) => void deferred.push(task),
  }
  let handler!: WireHandler
  const wire: Wire = {
    peer: "test",
    local: "test",
    unsent: 0,
    attach: (attached) => {
      handler = attached
    },
    write(segments, done) {
      log.push(segments.reduce((sum, { length }) => sum + length, 0))
      done()
    },
    pauseReading: () => void log.push("pause"),
    resumeReading: () => void log.push("resume"),
    end() {},
    destroy() {},
  }
  const session = new Http2Session("server", wire, clock, { onIdle() {}, onClosed() {}, ...owner }, undefined)
  const doAll = (tasks: (() => void)[]): void => {
    for (const task of tasks.splice(0)) task()
  }
  const byHand: SessionByHand = {
    session,
    log,
    read: (bytes) => handler.onChunk(bytes, 0, bytes.length),
    promisesDone: () => doAll(soon),
    turnOver: () => doAll(deferred),
  }
  session.start()
  byHand.read(greeting)
  byHand.promisesDone()
  byHand.turnOver()
  log.length = 0
  return byHand
}
