import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { fileURLToPath } from "node:url"
import { statusCodeOf, statusCodes } from "./status.js"
import { StatusError } from "./status-error.js"

describe("status codes", () => {
  it("are gRPC's seventeen, by their numbers", () => {
    assert.deepEqual(Object.values(statusCodes), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    for (const [name, number] of Object.entries(statusCodes)) assert.equal(statusCodeOf(number), name)
    for (const number of [17, 4_294_967_295, -1, 1.5, Number.NaN]) assert.equal(statusCodeOf(number), "UNKNOWN")
  })

  it("31. of seven kinds are made by applications alone, never by the library", () => {
    const forApplications =
      /["'`](INVALID_ARGUMENT|NOT_FOUND|ALREADY_EXISTS|FAILED_PRECONDITION|ABORTED|OUT_OF_RANGE|DATA_LOSS)["'`]/
    // What is a service itself, tests one, or speaks of what others made.
    const standsForApplications = /^(channelz|health|logging|opentelemetry|reflection|testing|test-support)\b/
    const folder = fileURLToPath(new URL("..", import.meta.url))
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".js") && !name.endsWith(".test.js") && !standsForApplications.test(name),
    )
    assert.ok(files.includes("server/call.js") && files.includes("client/call.js"))
    assert.deepEqual(
      files.filter((name) => forApplications.test(readFileSync(folder + name, "utf8"))),
      [],
    )
  })
})

describe("a StatusError", () => {
  it("says code, number, message, details, trailers and cause", () => {
    const cause = new Error("under it")
    const details = [{ typeUrl: "t", value: Uint8Array.of(1) }]
    const error = new StatusError("NOT_FOUND", "no such thing", { details, cause })
    assert.ok(error instanceof Error)
    assert.deepEqual(
      [error.name, error.code, error.codeNumber, error.message],
      ["StatusError", "NOT_FOUND", 5, "no such thing"],
    )
    assert.equal(error.details, details)
    assert.equal(error.cause, cause)
    assert.equal(error.trailers, undefined)
    assert.equal(String(error), "StatusError: NOT_FOUND: no such thing")
  })

  it("has an empty message and no details when none are given", () => {
    const error = new StatusError("ABORTED")
    assert.deepEqual([error.message, error.details], ["", []])
    assert.equal("cause" in error, false)
  })

  for (const code of ["OK", "NOPE", "", "__proto__", "toString", "constructor", undefined, 5]) {
    it(`cannot have the code ${JSON.stringify(code)}`, () => {
      assert.throws(() => new StatusError(code as "ABORTED", "x"), TypeError)
    })
  }

  for (const [code, hint] of [
    ["NOTFOUND", '; did you mean "NOT_FOUND"?'],
    ["not_found", '; did you mean "NOT_FOUND"?'],
    [5, '; did you mean "NOT_FOUND"?'],
    ["wrong", ""],
    [99, ""],
  ] as const) {
    it(`says which code was meant by ${code}, where that can be told`, () => {
      const message = `${JSON.stringify(code)} is not the name of a gRPC error status${hint}`
      assert.throws(() => new StatusError(code as "ABORTED", "x"), { name: "TypeError", message })
    })
  }

  it("refuses what it would leave out", () => {
    assert.throws(() => new StatusError("NOT_FOUND", "x", { detail: [] } as object), {
      name: "TypeError",
      message: 'StatusError: there is no option "detail"; did you mean "details"?',
    })
  })

  it("keeps the number that came, also of a code that gRPC does not know", () => {
    assert.deepEqual([StatusError.fromWire(99, "x").code, StatusError.fromWire(99, "x").codeNumber], ["UNKNOWN", 99])
    assert.deepEqual([StatusError.fromWire(5, "x").code, StatusError.fromWire(5, "x").codeNumber], ["NOT_FOUND", 5])
  })
})
