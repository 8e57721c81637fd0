import assert from "node:assert/strict"
import { test } from "node:test"
import { Connection } from "./connection.js"
import { preface, settings } from "./test-support/frames.js"
import { Recorder } from "./test-support/recorder.js"

function begin(role: "client" | "server") {
  const recorder = new Recorder()
  return { recorder, connection: new Connection(role, recorder) }
}

test("a server waits 10 s for the preface", () => {
  const { connection, recorder } = begin("server")
  assert.equal(connection.nextTimeout(), 0, "the time is not known yet")
  connection.advance(5000)
  assert.equal(connection.nextTimeout(), 15_000)
  connection.receive(preface, 0, 23, 14_999)
  connection.advance(14_999)
  assert.deepEqual(recorder.take(), [])
  connection.advance(15_000)
  assert.deepEqual(recorder.take(), ["close SETTINGS_TIMEOUT by local"])
  assert.match(recorder.error?.message ?? "", /no preface/)
  assert.equal(connection.hasOutput, true)
})

test("… and 2 s more for SETTINGS", () => {
  const { connection, recorder } = begin("server")
  connection.advance(0)
  connection.receive(preface, 0, 24, 9000)
  assert.equal(connection.nextTimeout(), 11_000)
  connection.receive(settings(), 0, 5, 9500)
  connection.advance(10_500)
  assert.equal(connection.nextTimeout(), 11_000)
  connection.advance(11_000)
  assert.match(recorder.error?.message ?? "", /no SETTINGS/)
})

test("both together take no longer than 20 s", () => {
  const recorder = new Recorder()
  const connection = new Connection("server", recorder, { prefaceTimeout: 18_000, settingsTimeout: 5000 })
  connection.advance(0)
  connection.receive(preface, 0, 24, 17_000)
  connection.advance(17_000)
  assert.equal(connection.nextTimeout(), 20_000)
  connection.advance(20_000)
  assert.deepEqual(recorder.take(), ["close SETTINGS_TIMEOUT by local"])
})

test("a client waits for SETTINGS", () => {
  const { connection, recorder } = begin("client")
  connection.advance(1000)
  assert.equal(connection.nextTimeout(), 21_000)
  connection.advance(21_000)
  assert.deepEqual(recorder.take(), ["close SETTINGS_TIMEOUT by local"])
})

test("after SETTINGS nothing is waited for", () => {
  for (const role of ["client", "server"] as const) {
    const { connection, recorder } = begin(role)
    connection.advance(0)
    if (role === "server") connection.receive(preface, 0, 24, 1)
    const frame = settings()
    connection.receive(frame, 0, frame.length, 2)
    assert.equal(connection.nextTimeout(), undefined)
    connection.advance(1e9)
    assert.deepEqual(recorder.take(), ["settings"])
  }
})
