import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { nearestName } from "./nearest-name.js"

describe("the name that was meant", () => {
  const names = ["timeoutMs", "connectTimeoutMs", "maxReceiveMessageLength", "maxAgeMs", "keepalive", "interceptors"]

  for (const [written, meant] of [
    ["maxRecieveMessageLength", "maxReceiveMessageLength"],
    ["timeoutMS", "timeoutMs"],
    ["timeout", "timeoutMs"],
    ["connectTimeout", "connectTimeoutMs"],
    ["max_age_ms", "maxAgeMs"],
    ["interceptor", "interceptors"],
    ["grpc.max_receive_message_length", "maxReceiveMessageLength"],
    ["grpc.keepalive_time_ms", "keepalive"],
  ] as const) {
    it(`of ${written} is ${meant}`, () => {
      assert.equal(nearestName(written, names), meant)
    })
  }

  for (const written of ["", "x", "colour", "retries", "m".repeat(200)]) {
    it(`of ${JSON.stringify(written.slice(0, 20))} nobody can tell`, () => {
      assert.equal(nearestName(written, names), undefined)
    })
  }
})
