import assert from "node:assert/strict"
import { test } from "node:test"
import { type BadServerCase, wholeResponse } from "./test-support/bad-server/bad-server-case.js"
import { badServerCases } from "./test-support/bad-server/cases.js"
import { type ScriptedPeer, script } from "./test-support/frame-script.js"
import { ping, requestFields } from "./test-support/frames.js"

/** What a client makes of a server that breaks the rules: h2spec tests servers only. */

const opaque = [9, 9, 9, 9, 9, 9, 9, 9]
const pong = "PING ACK 0909090909090909"

test("there are cases enough, and no two of one name", () => {
  assert.ok(badServerCases.length >= 60, `${badServerCases.length}`)
  assert.equal(new Set(badServerCases.map(({ name }) => name)).size, badServerCases.length)
})

for (const one of badServerCases) {
  script(`${one.rule}: ${one.name}: ${one.outcome}`, "client", one.options ?? {}, (peer) => {
    if (one.first) peer.hear()
    else {
      peer.greet()
      for (const owner of ["one", "three"]) peer.connection.openStream(requestFields, undefined, true, owner)
      peer.hear()
    }
    peer.say(...one.say(peer.source))
    const [scope, code] = one.outcome.split(" ") as [keyof typeof outcomes, string]
    outcomes[scope](peer, one, code)
  })
}

const outcomes = {
  connection(peer: ScriptedPeer, _case: BadServerCase, code: string): void {
    // Nothing is looked at after the error.
    peer.say(ping(opaque))
    const answers = peer.hear()
    assert.match(answers.at(-1) ?? "", new RegExp(`^GOAWAY 0 ${code}$`))
    assert.equal(answers.includes(pong), false)
    assert.equal(peer.recorder.take().at(-1), `close ${code} by local`)
    assert.equal(peer.connection.openStreams, 0)
  },

  stream(peer: ScriptedPeer, { answered }: BadServerCase, code: string): void {
    const answers = peer.hear()
    assert.deepEqual(answers.filter(isEnding), [`RST_STREAM 1 ${code}`])
    const resets = peer.recorder.take().filter((line) => line.startsWith("reset") && !line.includes("by peer"))
    assert.deepEqual(resets, answered ? [] : [`reset 1 ${code} by local, stream`])
    goesOn(peer)
  },

  tolerated(peer: ScriptedPeer, { answered, status }: BadServerCase): void {
    if (!answered) peer.say(...wholeResponse(peer.source, 1))
    assert.deepEqual(peer.hear().filter(isEnding), [])
    if (status === undefined) {
      const events = peer.recorder.take()
      assert.ok(events.includes("trailers 1 end grpc-status=0"), events.join("\n"))
      assert.ok(events.some((line) => line.startsWith("initial 1 :status=200 ")))
    }
    goesOn(peer)
  },
}

function isEnding(line: string): boolean {
  return line.startsWith("RST_STREAM") || line.startsWith("GOAWAY")
}

/** The connection lives, and the neighbour on stream 3 gets its answer. */
function goesOn(peer: ScriptedPeer): void {
  peer.recorder.take()
  peer.say(ping(opaque), ...wholeResponse(peer.source, 3))
  assert.deepEqual(peer.hear(), [pong])
  const events = peer.recorder.take()
  assert.ok(events.includes("trailers 3 end grpc-status=0"), events.join("\n"))
  assert.equal(peer.connection.openStreams, 0)
}
