import assert from "node:assert/strict"
import { Console } from "node:console"
import { channel } from "node:diagnostics_channel"
import { Writable } from "node:stream"
import { describe, it } from "node:test"
import { inspect } from "node:util"
import { type DiagnosticsEvents, diagnosticsChannel, globalTracers, type MetadataInit, StatusError } from "farcall"
import { type Logger, levelOf, logging, trace } from "farcall/logging"
import { createTestPair, rejectsWithStatus } from "farcall/testing"
import { pino } from "pino"
import winston from "winston"
import { Tallies } from "./gen/tally_grpc.js"

/** What a logger has written, a line each. */
class Lines extends Writable {
  readonly all: string[] = []

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.all.push(...chunk.toString().trimEnd().split("\n"))
    done()
  }

  /** Those lines as JSON. */
  get records(): Record<string, unknown>[] {
    return this.all.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}

const secret = "top-secret"
const secrets: MetadataInit = {
  authorization: `Bearer ${secret}`,
  cookie: `id=${secret}`,
  "x-api-key": secret,
  "x-auth-token": secret,
  "session-bin": new TextEncoder().encode(secret),
  "x-request-id": "7f3a",
}

/** A call that succeeds and one that does not, both with secrets each way. */
async function twoCalls(): Promise<void> {
  const { client, close } = await createTestPair(Tallies, {
    vote(ballot, context) {
      context.responseHeaders.set("set-cookie", secret)
      context.responseTrailers.set("x-refresh-token", secret)
      if (ballot.choice === "") throw new StatusError("INTERNAL", "the urn is lost")
      return {}
    },
  })
  await client.vote({ choice: "a" }, { metadata: secrets })
  await rejectsWithStatus(client.vote({}, { metadata: secrets }), "INTERNAL", "the urn is lost")
  await close()
}

async function twoCallsLogged(tracer: ReturnType<typeof logging>): Promise<void> {
  const remove = globalTracers.add(tracer)
  try {
    await twoCalls()
  } finally {
    remove()
  }
}

function winstonTo(stream: Lines): winston.Logger {
  return winston.createLogger({ level: "debug", transports: [new winston.transports.Stream({ stream })] })
}

describe("logging, to", () => {
  const takers: Record<string, { readonly make: (lines: Lines) => Logger; readonly read: (line: string) => string }> = {
    console: { make: (lines) => new Console({ stdout: lines }), read: (line) => line },
    pino: { make: (lines) => pino(lines), read: (line) => JSON.parse(line).msg },
    winston: { make: winstonTo, read: (line) => JSON.parse(line).message },
  }
  for (const [name, { make, read }] of Object.entries(takers)) {
    it(`${name} as it is`, async () => {
      const lines = new Lines()
      await twoCallsLogged(logging({ log: make(lines), metadata: true }))
      assert.equal(lines.all.length, 4)
      for (const [line, side] of [
        [lines.all[0]!, "server"],
        [lines.all[1]!, "client"],
      ]) {
        assert.match(
          read(line!),
          new RegExp(
            `^${side} unary /farcall.tally.Tallies/Vote \\S+ OK .*, request 7f3a \\{.*x-api-key="\\(10 bytes\\)"`,
          ),
        )
      }
      assert.match(read(lines.all[2]!), / INTERNAL "the urn is lost" /)
      assert.doesNotMatch(lines.all.join("\n"), /top-secret/)
    })
  }

  it("pino, with levels and the parts of each call", async () => {
    const lines = new Lines()
    const log = pino(lines)
    await twoCallsLogged(logging({ log: (line, call, level) => log[level](call, line), metadata: true }))
    const [ok, , lost] = lines.records
    assert.deepEqual([ok!["level"], ok!["side"], ok!["path"]], [30, "server", "/farcall.tally.Tallies/Vote"])
    assert.deepEqual([ok!["requestId"], ok!["sentMessages"], ok!["attempts"]], ["7f3a", 1, 1])
    assert.equal((ok!["metadata"] as Record<string, string>)["authorization"], "(17 bytes)")
    assert.deepEqual(
      [lost!["level"], lost!["status"]],
      [50, { code: "INTERNAL", codeNumber: 13, message: "the urn is lost" }],
    )
    assert.doesNotMatch(lines.all.join("\n"), /top-secret/)
  })

  it("winston, with levels and parts of each call", async () => {
    const lines = new Lines()
    const log = winstonTo(lines)
    const tracer = logging({
      log: (line, { side, status, durationMs }, level) => log[level](line, { side, code: status.code, durationMs }),
      level: ({ side, status }) => (side === "client" ? undefined : levelOf(status.code)),
    })
    await twoCallsLogged(tracer)
    assert.deepEqual(
      lines.records.map(({ level, side, code }) => [level, side, code]),
      [
        ["info", "server", "OK"],
        ["error", "server", "INTERNAL"],
      ],
    )
  })
})

describe("no secret of a call's metadata is told by default", () => {
  it("in traces of all areas, by any logger", async () => {
    for (const make of [(lines: Lines): Logger => pino({ level: "debug" }, lines), winstonTo]) {
      const lines = new Lines()
      const end = trace({ areas: "all", log: make(lines) })
      await twoCalls()
      end()
      assert.ok(lines.all.some((line) => line.includes("authorization=(17 bytes)")))
      assert.ok(lines.all.some((line) => line.includes("x-refresh-token=(10 bytes)")))
      assert.doesNotMatch(lines.all.join("\n"), /top-secret|dG9wLXNlY3JldA/)
    }
  })

  it("in what diagnostics channels publish, however it is printed", async () => {
    const lines = new Lines()
    const log = pino(lines)
    const names = [
      "client:call:start",
      "client:attempt:start",
      "client:call:end",
      "server:call:start",
      "server:call:end",
    ]
    const print = (message: unknown): void => {
      log.info(message as object)
      lines.write(`${inspect(message, { depth: 9, getters: false })}\n`)
    }
    for (const name of names) channel(`farcall:${name}`).subscribe(print)
    await twoCalls()
    for (const name of names) channel(`farcall:${name}`).unsubscribe(print)
    assert.ok(lines.all.length >= 20)
    assert.doesNotMatch(lines.all.join("\n"), /top-secret/)
  })

  it("in errors and metadata that are logged themselves", async () => {
    const lines = new Lines()
    const log = pino(lines)
    const ends = diagnosticsChannel("farcall:client:call:end")
    const print = ({ error, call, trailers }: DiagnosticsEvents["farcall:client:call:end"]): void => {
      log.info({ err: error, sent: call.metadata, trailers })
      winstonTo(lines).info("ended", { error, sent: call.metadata })
      new Console({ stdout: lines }).log(error, call.metadata, trailers)
    }
    ends.subscribe(print)
    await twoCalls()
    ends.unsubscribe(print)
    assert.ok(lines.all.some((line) => line.includes("the urn is lost")))
    assert.doesNotMatch(lines.all.join("\n"), /top-secret/)
  })
})
