import assert from "node:assert/strict"
import { test } from "node:test"
import { nextState, Refusal, StreamInput, StreamState, streamStateName } from "./stream-state.js"

const { idle, open, halfClosedLocal, halfClosedRemote, closed } = StreamState
const input = StreamInput

test("a request and its response, seen from both ends", () => {
  const client = [input.sendHeaders, input.sendEnd, input.receiveHeaders, input.receiveData, input.receiveEnd]
  const server = [input.receiveHeaders, input.receiveEnd, input.sendHeaders, input.sendEnd]
  assert.deepEqual(walk(client), [open, halfClosedLocal, halfClosedLocal, halfClosedLocal, closed])
  assert.deepEqual(walk(server), [open, halfClosedRemote, halfClosedRemote, closed])
})

test("the response may end first", () => {
  assert.deepEqual(
    walk([input.receiveHeaders, input.sendHeaders, input.sendEnd, input.receiveData, input.receiveEnd]),
    [open, open, halfClosedLocal, halfClosedLocal, closed],
  )
})

test("RST_STREAM closes whatever is open, either way", () => {
  for (const state of [open, halfClosedLocal, halfClosedRemote]) {
    assert.equal(nextState(state, input.sendReset), closed)
    assert.equal(nextState(state, input.receiveReset), closed)
  }
})

test("frames that a state does not allow (RFC 9113 §5.1)", () => {
  const { idleStream, streamClosed, connectionStreamClosed, ignore } = Refusal
  for (const frame of [input.receiveData, input.receiveReset, input.receiveWindowUpdate]) {
    assert.equal(nextState(idle, frame), idleStream)
  }
  assert.equal(nextState(halfClosedRemote, input.receiveData), streamClosed)
  assert.equal(nextState(halfClosedRemote, input.receiveHeaders), streamClosed)
  assert.equal(nextState(halfClosedRemote, input.receiveWindowUpdate), halfClosedRemote)
  assert.equal(nextState(closed, input.receiveHeaders), connectionStreamClosed)
  assert.equal(nextState(closed, input.receiveData), streamClosed)
  assert.equal(nextState(closed, input.receiveWindowUpdate), ignore)
  assert.equal(nextState(closed, input.receiveReset), ignore)
})

test("every state has an answer to every input, and a name", () => {
  for (const state of Object.values(StreamState)) {
    assert.match(streamStateName(state), /^(idle|open|closed|half-closed \((local|remote)\))$/)
    for (const each of Object.values(StreamInput)) {
      const next = nextState(state, each)
      assert.ok(next <= closed || (next >= Refusal.ignore && next <= Refusal.connectionStreamClosed))
    }
  }
})

function walk(inputs: readonly number[]): number[] {
  let state: number = idle
  return inputs.map((each) => (state = nextState(state, each)))
}
