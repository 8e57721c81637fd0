import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import { type CaseName, caseNames, type Pair, type Verdict } from "./cell.js"
import { judge } from "./judge.js"
import { type Column, isWrong, matrixText, playColumn } from "./matrix.js"
import { ServiceAccount } from "./service-account.js"

describe("gRPC's interoperability cases, with those that need Node alone", { concurrency: 2, timeout: 120_000 }, () => {
  const pairs: readonly Pair[] = [
    { client: "ours", server: "ours" },
    { client: "ours", server: "grpc-js" },
    { client: "grpc-js", server: "ours" },
  ]
  let account: ServiceAccount
  before(async () => {
    account = await ServiceAccount.create()
  })
  after(() => account[Symbol.asyncDispose]())

  for (const pair of pairs) {
    it(`${pair.client} → ${pair.server}`, async () => {
      const column = await playColumn(pair, account.flags)
      assert.equal(column.plain.size + column.tls.size, 2 * 21)
      assert.ok(!isWrong(column), matrixText([column]))
    })
  }
})

it("a pair without its programs is wrong in every cell, with what is wanting", async () => {
  const kept = process.env["FARCALL_GO"]
  delete process.env["FARCALL_GO"]
  try {
    const column = await playColumn({ client: "ours", server: "grpc-go" }, [])
    const verdicts = [...column.plain.values(), ...column.tls.values()]
    assert.equal(verdicts.length, 42)
    for (const { complaint } of verdicts) assert.equal(complaint, "FARCALL_GO is wanting")
  } finally {
    if (kept !== undefined) process.env["FARCALL_GO"] = kept
  }
})

describe("the judge of the interoperability matrix", () => {
  const pair: Pair = { client: "ours", server: "grpc-js" }

  it("a case without a mark has to pass", () => {
    assert.deepEqual(judge("ping_pong", pair, true, undefined), { kind: "passed", note: undefined })
    assert.deepEqual(judge("ping_pong", pair, true, "why"), { kind: "wrong", complaint: "why" })
  })

  it("one that cannot pass has to fail, and as expected", () => {
    const note = "servers on grpc-js do not compress responses"
    const expected = "failed: responses that came compressed: [false,false], not [true,false]"
    assert.deepEqual(judge("server_compressed_unary", pair, true, expected), { kind: "cannot", note })
    assert.equal(judge("server_compressed_unary", pair, true, "failed: UNAVAILABLE").kind, "wrong")
    const passed = judge("server_compressed_unary", pair, false, undefined)
    assert.deepEqual(passed, { kind: "wrong", complaint: `passed, though marked as one that cannot: ${note}` })
  })

  it("a mark may be for plaintext alone", () => {
    const plaintext = "failed: UNAUTHENTICATED: the connection is plaintext, over which call credentials are not sent"
    assert.equal(judge("per_rpc_creds", pair, false, plaintext).kind, "cannot")
    assert.equal(judge("per_rpc_creds", pair, true, plaintext).kind, "wrong")
    assert.equal(judge("per_rpc_creds", pair, true, undefined).kind, "passed")
  })

  it("a mark may only say what a passed cell has not looked at", () => {
    const verdict = judge("server_compressed_unary", { client: "grpcio", server: "ours" }, true, undefined)
    assert.equal(verdict.kind, "passed")
    assert.match(verdict.note!, /the payloads alone/)
  })
})

it("the matrix says of each cell what came of it, and why once", () => {
  const pair: Pair = { client: "ours", server: "grpc-js" }
  const passed = new Map<CaseName, Verdict>(caseNames.map((name) => [name, { kind: "passed" }]))
  const mixed = new Map(passed)
    .set("large_unary", { kind: "wrong", complaint: "it hung" })
    .set("rpc_soak", { kind: "cannot", note: "no" })
    .set("channel_soak", { kind: "cannot", note: "no" })
  const column: Column = { pair, plain: passed, tls: mixed }
  const lines = matrixText([column]).split("\n")
  assert.equal(lines.length, 2 + 21 + 4)
  assert.deepEqual(
    lines.filter((line) => /^(large_unary|rpc_soak|channel_soak| 1|✗|42)/.test(line)),
    [
      "large_unary                  ✓     ✗",
      "rpc_soak                     ✓     –1",
      "channel_soak                 ✓     –1",
      " 1  no",
      "✗ large_unary, ours → grpc-js, TLS: it hung",
      "42 cells run: 39 passed, 2 cannot (–), 1 wrong",
    ],
  )
  assert.ok(isWrong(column))
  assert.ok(!isWrong({ pair, plain: passed, tls: passed }))
})
