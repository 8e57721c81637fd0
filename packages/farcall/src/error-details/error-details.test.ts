import assert from "node:assert/strict"
import { describe, it } from "node:test"
import fc from "fast-check"
import type { StatusDetail } from "../core/status.js"
import { StatusError } from "../core/status-error.js"
import { failureOf } from "../test-support/outcome.js"
import { Parrot, TextCodec } from "../test-support/parrot.js"
import { createTestPair } from "../testing/test-pair.js"
import {
  BadRequest,
  badRequest,
  DebugInfo,
  debugInfo,
  detailsOf,
  ErrorInfo,
  errorInfo,
  findDetail,
  Help,
  help,
  LocalizedMessage,
  localizedMessage,
  PreconditionFailure,
  packDetail,
  preconditionFailure,
  QuotaFailure,
  quotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
  requestInfo,
  resourceInfo,
  retryDelayOf,
  retryInfo,
  unpackDetail,
} from "./index.js"

const errorWith = (...details: StatusDetail[]): StatusError => new StatusError("ABORTED", "no", { details })

const quota = {
  subject: "project:p",
  description: "too many",
  apiService: "compute.example.com",
  quotaMetric: "cpus",
  quotaId: "CPUS",
  quotaDimensions: { region: "europe" },
  quotaValue: 10n,
  futureQuotaValue: 20n,
}

/** Of each type: how it is made, its bytes, and what one reads of it. */
const table = [
  [
    ErrorInfo,
    errorInfo({ reason: "R", domain: "d", metadata: { k: "v" } }),
    "0a0152120164" + "1a060a016b120176",
    { reason: "R", domain: "d", metadata: { k: "v" } },
  ],
  [
    RetryInfo,
    retryInfo({ delayMs: 1500.5 }),
    "0a08080110a08cd4ee01",
    { retryDelay: { seconds: 1n, nanos: 500_500_000 } },
  ],
  [
    DebugInfo,
    debugInfo({ stackEntries: ["a", "b"], detail: "c" }),
    "0a01610a0162120163",
    { stackEntries: ["a", "b"], detail: "c" },
  ],
  [QuotaFailure, quotaFailure([quota]), undefined, { violations: [quota] }],
  [
    PreconditionFailure,
    preconditionFailure([{ type: "TOS", subject: "s", description: "d" }]),
    "0a0b0a03544f531201731a0164",
    { violations: [{ type: "TOS", subject: "s", description: "d" }] },
  ],
  [
    BadRequest,
    badRequest({ name: "empty", age: ["odd", "old"] }),
    "0a0d0a046e616d651205656d707479" + "0a0a0a0361676512036f6464" + "0a0a0a0361676512036f6c64",
    {
      fieldViolations: [
        { field: "name", description: "empty", reason: "" },
        { field: "age", description: "odd", reason: "" },
        { field: "age", description: "old", reason: "" },
      ],
    },
  ],
  [
    RequestInfo,
    requestInfo({ requestId: "1", servingData: "2" }),
    "0a0131120132",
    { requestId: "1", servingData: "2" },
  ],
  [
    ResourceInfo,
    resourceInfo({ resourceType: "t", resourceName: "n", owner: "o", description: "d" }),
    "0a017412016e1a016f220164",
    { resourceType: "t", resourceName: "n", owner: "o", description: "d" },
  ],
  [Help, help([{ description: "d", url: "u" }]), "0a060a0164120175", { links: [{ description: "d", url: "u" }] }],
  [
    LocalizedMessage,
    localizedMessage({ locale: "de", message: "m" }),
    "0a02646512016d",
    { locale: "de", message: "m" },
  ],
] as const

describe("the standard details of an error", () => {
  for (const [type, detail, hex, content] of table) {
    it(`${type.typeName}: written as its field numbers say, and read as it was`, () => {
      assert.equal(detail.typeUrl, `type.googleapis.com/${type.typeName}`)
      if (hex !== undefined) assert.equal(Buffer.from(detail.value).toString("hex"), hex)
      const error = errorWith(detail)
      assert.deepEqual(plain(findDetail(error, type as typeof ErrorInfo)), content)
      assert.deepEqual(plain(detailsOf(error)[0]), content)
      assert.equal(detailsOf(error)[0]!.$typeName, type.typeName)
    })
  }

  it("go through a call, all ten", async () => {
    const details = table.map(([, detail]) => detail)
    await using pair = await createTestPair(Parrot, {
      say: () => {
        throw new StatusError("FAILED_PRECONDITION", "all of it", { details })
      },
    })
    const error = await failureOf(pair.client.say({ text: "" }))
    assert.deepEqual(
      detailsOf(error).map(plain),
      table.map(([, , , content]) => content),
    )
  })

  it("take field violations in full", () => {
    const localizedMessage = { locale: "de", message: "zu lang" }
    const detail = badRequest([{ field: "name", description: "long", reason: "TOO_LONG", localizedMessage }])
    const [violation] = findDetail(errorWith(detail), BadRequest)!.fieldViolations
    assert.equal(violation!.reason, "TOO_LONG")
    assert.deepEqual(plain(violation!.localizedMessage), localizedMessage)
  })

  it("make an error's stack and text into a DebugInfo", () => {
    const info = findDetail(errorWith(debugInfo(new Error("two\nlines"))), DebugInfo)!
    assert.equal(info.detail, "two\nlines")
    assert.match(info.stackEntries[0]!, /^at .*error-details\.test\.js/)
    assert.ok(info.stackEntries.every((entry) => entry.startsWith("at ")))
  })

  it("tell the delay of a RetryInfo in milliseconds", () => {
    for (const delayMs of [0, 0.000_001, 1, 999.999_999, 1000, 86_400_000.25, 315_576_000_000_000]) {
      assert.equal(retryDelayOf(errorWith(retryInfo({ delayMs }))), delayMs)
    }
    // Nanoseconds are what there is; beyond, it is rounded, up into the next second too.
    assert.equal(retryDelayOf(errorWith(retryInfo({ delayMs: 999.999_999_9 }))), 1000)
    assert.equal(retryDelayOf(errorWith(errorInfo({ reason: "R" }))), undefined)
    for (const delayMs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => retryInfo({ delayMs }), RangeError)
  })

  it("refuse what does not fit a field, by its name", () => {
    assert.throws(() => errorInfo({ reason: 1 as unknown as string }), /google\.rpc\.ErrorInfo.*reason/)
  })
})

describe("reading details", () => {
  const unknown: StatusDetail = { typeUrl: "type.googleapis.com/test.Other", value: Uint8Array.of(1, 2) }
  const malformed: StatusDetail = { typeUrl: "type.googleapis.com/google.rpc.BadRequest", value: Uint8Array.of(10, 99) }

  it("leaves unknown ones as they are", () => {
    const error = errorWith(unknown, requestInfo({ requestId: "1" }))
    const [first, second] = detailsOf(error)
    assert.equal(first, unknown)
    assert.ok(second!.$typeName === "google.rpc.RequestInfo" && second.requestId === "1")
    assert.equal(findDetail(error, BadRequest), undefined)
  })

  it("leaves those with malformed bytes as they are, passes them over in search, and says what is wrong on demand", () => {
    const good = badRequest({ a: "b" })
    assert.deepEqual(detailsOf(errorWith(malformed)), [malformed])
    assert.equal(findDetail(errorWith(malformed), BadRequest), undefined)
    assert.equal(findDetail(errorWith(malformed, good), BadRequest)!.fieldViolations[0]!.field, "a")
    assert.throws(() => unpackDetail(BadRequest, malformed), /the detail's 2 bytes are no google\.rpc\.BadRequest: ./)
    assert.throws(() => unpackDetail(ErrorInfo, malformed), TypeError)
  })

  it("throws for no bytes whatever", () => {
    const names = table.map(([type]) => type.typeName)
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .constantFrom(...table)
        .chain(([, { value }]) =>
          fc.tuple(fc.nat({ max: value.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => value.with(at, byte)),
        ),
    )
    fc.assert(
      fc.property(fc.constantFrom(...names), bytes, (name, value) => {
        const error = errorWith({ typeUrl: `type.googleapis.com/${name}`, value })
        const [detail] = detailsOf(error)
        assert.ok(detail!.$typeName === name || detail === error.details[0])
        assert.equal(findDetail(error, BadRequest) === undefined, detail!.$typeName !== BadRequest.typeName)
        retryDelayOf(error)
      }),
    )
  })

  it("goes by what follows the last slash of the type's URL, whatever stands before", () => {
    const { value } = requestInfo({ requestId: "1" })
    for (const typeUrl of ["google.rpc.RequestInfo", "/google.rpc.RequestInfo", "https://a/b/google.rpc.RequestInfo"]) {
      assert.equal(findDetail(errorWith({ typeUrl, value }), RequestInfo)?.requestId, "1")
    }
  })

  it("reads details of one's own, by their codec", () => {
    const error = errorWith(packDetail(TextCodec, { text: "own" }))
    assert.deepEqual(findDetail(error, TextCodec), { text: "own" })
  })

  it("may be asked of anything that was caught", () => {
    for (const caught of [undefined, null, "text", new Error("x"), { details: [unknown] }]) {
      assert.deepEqual(detailsOf(caught), [])
      assert.equal(findDetail(caught, BadRequest), undefined)
      assert.equal(retryDelayOf(caught), undefined)
    }
  })
})

/** A message's own fields, all the way down, without `$typeName`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, content]) => key !== "$typeName" && content !== undefined)
      .map(([key, content]) => [key, plain(content)]),
  )
}
