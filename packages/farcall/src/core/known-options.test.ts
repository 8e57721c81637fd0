import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { checkOptions, type KnownOptions } from "./known-options.js"
import { reasonOf } from "./reason.js"

interface Options {
  readonly timeoutMs?: number | undefined
  readonly credentials?: object | undefined
  readonly balancing?: string | (() => void) | undefined
  readonly hooks?: readonly unknown[] | undefined
  readonly keepalive?: Inner | undefined
  readonly log?: unknown
}

interface Inner {
  readonly timeMs?: number | undefined
}

const inner: KnownOptions<Inner> = { timeMs: "number" }
const known: KnownOptions<Options> = {
  timeoutMs: "number",
  credentials: "object",
  balancing: ["string", "function"],
  hooks: "array",
  keepalive: inner,
  log: "any",
}

function refusal(options: unknown): string {
  try {
    checkOptions("make", options as Options, known)
  } catch (error) {
    assert.ok(error instanceof TypeError)
    assert.equal(reasonOf(error), "FARCALL_BAD_OPTION")
    return error.message
  }
  return "none"
}

it("credentials that are given elsewhere are sent where they belong", () => {
  const known: KnownOptions<Inner> = inner
  const message = "make: credentials are an option of listen and of createChannel"
  assert.throws(() => checkOptions("make", { credentials: {} } as Inner, known), { name: "TypeError", message })
})

describe("options", () => {
  const given = [
    {},
    { timeoutMs: 5, credentials: {}, balancing: "x", hooks: [], keepalive: { timeMs: 5 }, log: null },
    { balancing: () => {} },
    { timeoutMs: undefined, keepalive: undefined },
    { keepalive: { timeMs: undefined } },
    Object.create(null),
  ]
  for (const options of given) {
    it(`may be ${JSON.stringify(options)}`, () => {
      assert.equal(refusal(options), "none")
    })
  }

  for (const [options, text] of [
    [{ timeout: 5 }, 'make: there is no option "timeout"; did you mean "timeoutMs"?'],
    [
      { colour: undefined },
      'make: there is no option "colour"; there are timeoutMs, credentials, balancing, hooks, keepalive, log',
    ],
    [{ keepalive: { timeMS: 5 } }, 'make: keepalive: there is no option "timeMS"; did you mean "timeMs"?'],
    [{ constructor: 5 }, /^make: there is no option "constructor"; there are /],
    [{ ["__proto__"]: 5 }, /^make: there is no option "__proto__"; there are /],
    [{ timeoutMs: "5" }, 'make: timeoutMs must be a number, not "5"'],
    [{ timeoutMs: null }, "make: timeoutMs must be a number, not null"],
    [{ keepalive: { timeMs: true } }, "make: keepalive: timeMs must be a number, not true"],
    [{ keepalive: 5 }, "make: keepalive must be an object, not 5"],
    [{ hooks: () => {} }, "make: hooks must be an array, not a function"],
    [{ balancing: [] }, "make: balancing must be a string or a function, not an array"],
    [{ kind: "insecure" }, "make: credentials are an option: { credentials: insecure() }"],
    [null, "make: the options must be an object, not null"],
    ["plain", 'make: the options must be an object, not "plain"'],
    [[], "make: the options must be an object, not an array"],
    [() => {}, "make: the options must be an object, not a function"],
  ] as const) {
    it(`may not be ${JSON.stringify(options) ?? String(options)}`, () => {
      if (typeof text === "string") assert.equal(refusal(options), text)
      else assert.match(refusal(options), text)
    })
  }
})
