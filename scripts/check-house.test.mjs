import assert from "node:assert/strict"
import { test } from "node:test"
import { brokenRules } from "./check-house.mjs"

const table = [
  ["packages/http2/src/stream.ts", 'import { connect } from "node:net"', /imports node:net/],
  [
    "packages/http2/src/frame/reader.ts",
    'import { Status } from "../../../farcall/src/core/status.js"',
    /imports packages\/farcall/,
  ],
  ["packages/protobuf/src/codec.ts", 'export { create } from "@bufbuild/protobuf"', undefined],
  ["packages/protobuf/src/codec.ts", 'import "node:buffer"', /imports node:buffer/],
  [
    "packages/farcall/src/core/status.ts",
    'import type { Server } from "../server/server.js"',
    /the core is the lowest/,
  ],
  [
    "packages/farcall/src/core/status.ts",
    'import type { Message } from "@bufbuild/protobuf"',
    /messages come as codecs/,
  ],
  ["packages/farcall/src/client/call.ts", '} from "../server/context.js"', /never meet/],
  ["packages/farcall/src/server/call.ts", 'const late = await import("../client/client.js")', /never meet/],
  [
    "packages/farcall/src/client/client.ts",
    'import { SocketWire } from "../transport/socket.js"',
    /only createChannel/,
  ],
  ["packages/farcall/src/client/channel.ts", 'import { SocketWire } from "../transport/socket.js"', undefined],
  ["packages/farcall/src/index.ts", 'export { createTestPair } from "./testing/index.js"', /subpath exports/],
  ["packages/farcall/src/error-details/pack.ts", 'import { toBinary } from "@farcall/protobuf"', undefined],
  ["packages/farcall/src/error-details/pack.ts", 'import type { Call } from "../client/call.js"', /know no calls/],
  ["packages/farcall/src/core/status.ts", 'import { A } from "../gen/a_pb.js"', /the core is the lowest|generated/],
  ["packages/farcall/src/client/call.ts", 'import { A } from "../gen/a_pb.js"', /generated messages/],
  ["packages/farcall/src/client/call.ts", 'import { ambient } from "../ambient/index.js"', /subpath exports/],
  [
    "packages/farcall/src/server/call.ts",
    'import { AsyncLocalStorage } from "node:async_hooks"',
    /only who asks for it pays/,
  ],
  ["packages/farcall/src/ambient/ambient.ts", 'import { AsyncLocalStorage } from "node:async_hooks"', undefined],
  ["packages/farcall/src/opentelemetry/spans.ts", 'import { trace } from "@opentelemetry/api"', undefined],
  ["packages/farcall/src/opentelemetry/spans.ts", 'import { Span } from "@opentelemetry/sdk-trace-base"', /API alone/],
  ["packages/tools/src/compile/lexer.ts", 'import { readFileSync } from "node:fs"', /text format run anywhere/],
  ["packages/farcall/src/server/call.ts", "const timer = setTimeout(end, 5)", /uses setTimeout/],
  ["packages/farcall/src/server/call.ts", "const now = Date.now()", /uses Date\.now/],
  [
    "packages/farcall/src/server/call.ts",
    'import { setTimeout as sleep } from "node:timers/promises"',
    /time comes from/,
  ],
  ["packages/farcall/src/server/call.ts", "// No setTimeout here.", undefined],
  ["packages/farcall/src/core/clock.ts", "setTimeout(task, delay)", undefined],
  ["packages/farcall/src/server/call.ts", "const at = new Date()", /uses new Date: time/],
  ["packages/farcall/src/server/call.ts", "const at = +new Date", /uses new Date: time/],
  ["packages/farcall/src/server/call.ts", "const text = Date()", /uses Date\(: time/],
  ["packages/farcall/src/server/call.ts", "return new Date(clock.wallNow())", undefined],
  ["packages/farcall/src/server/call.ts", "readonly at: Date | undefined", undefined],
  ["packages/farcall/src/server/call.ts", "const [s] = process.hrtime()", /uses process.hrtime: time/],
  ["packages/farcall/src/server/call.ts", "AbortSignal.timeout(5)", /uses AbortSignal.timeout: time/],
]

for (const [path, line, complaint] of table) {
  test(`${complaint === undefined ? "allowed" : "refused"}: ${line} in ${path}`, () => {
    const broken = brokenRules(path, `/** A module. */\n${line}\n`)
    if (complaint === undefined) return assert.deepEqual(broken, [])
    assert.match(broken[0], complaint)
    assert.ok(broken[0].startsWith(`${path}:2: `))
  })
}
