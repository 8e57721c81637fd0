import { data, Flag, frame, headers, ping, preface, rstStream, settings, Type, windowUpdate } from "../wire/frame.js"
import { headerBlock, indexed, literal, request } from "../wire/header-block.js"
import type { Attack } from "./attack.js"

const say = request("/test.Parrot/Say")
const repeat = request("/test.Parrot/Repeat")
const chat = request("/test.Parrot/Chat")
const gather = request("/test.Parrot/Gather")

/** A message of gRPC's with its prefix. */
export function message(text: string): Uint8Array {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(text.length, 1)
  return Buffer.concat([prefix, Buffer.from(text)])
}

/** `perBurst` times what `one` says of the i-th of all. */
function bursts(perBurst: number, one: (i: number) => Uint8Array): (n: number) => Uint8Array {
  return (n) => Buffer.concat(Array.from({ length: perBurst }, (_, i) => one(n * perBurst + i)))
}

/** The id of the i-th stream. */
const id = (i: number): number => 1 + 2 * i

const calm = { kind: "cut", code: "ENHANCE_YOUR_CALM" } as const
const bounded = { kind: "bounded" } as const

/** What a peer can do again and again, as fast or as slow as it likes. */
export const floods: readonly Attack[] = [
  {
    name: "rapid-reset",
    what: "streams opened and reset at once (CVE-2023-44487)",
    expect: calm,
    burst: bursts(100, (i) => Buffer.concat([headers(id(i), say), rstStream(id(i), 8)])),
  },
  {
    name: "slow-handlers",
    what: "calls given up after a second, as honest ones are, whose handlers run on",
    expect: calm,
    pauseMs: 1100,
    burst: (n) =>
      Buffer.concat(
        Array.from({ length: 200 }, (_, i) => {
          const open = headers(id(200 * n + i), chat)
          return n === 0 ? open : Buffer.concat([rstStream(id(200 * (n - 1) + i), 8), open])
        }),
      ),
  },
  {
    name: "made-you-reset",
    what: "streams that we are made to reset (CVE-2025-8671)",
    expect: calm,
    burst: bursts(100, (i) => Buffer.concat([headers(id(i), say), data(id(i), message("x")), windowUpdate(id(i), 0)])),
  },
  {
    name: "continuation-flood",
    what: "a header block without an end (CVE-2024-27316)",
    expect: calm,
    opening: frame(Type.headers, 0, 1, say),
    burst: bursts(10, () => frame(Type.continuation, 0, 1, headerBlock(["a", "b"]))),
  },
  {
    name: "empty-continuations",
    what: "CONTINUATION frames with nothing in them",
    expect: calm,
    opening: frame(Type.headers, 0, 1, say),
    burst: bursts(10, () => frame(Type.continuation, 0, 1, [])),
  },
  {
    name: "hpack-bomb",
    what: "references to a large entry of the table, a byte each (CVE-2016-1544)",
    expect: calm,
    burst: bursts(1, (i) => {
      const entry = literal(0x40, "bomb", "x".repeat(4000))
      return headers(id(i), Buffer.concat([say, entry, Buffer.alloc(12_000, indexed(62)[0]!)]))
    }),
  },
  {
    name: "header-references",
    what: "requests of few bytes whose header lists are as long as allowed",
    expect: { kind: "bounded", status: 12 },
    opening: headers(1, Buffer.concat([request("/a/b"), literal(0x40, "x", "y".repeat(4000))]), true),
    burst: bursts(50, (i) =>
      headers(id(i + 1), Buffer.concat([request("/a/b"), indexed(62), indexed(62), indexed(62)]), true),
    ),
  },
  {
    name: "settings-flood",
    what: "SETTINGS whose acknowledgements nobody reads (CVE-2019-9515)",
    expect: calm,
    deaf: true,
    burst: bursts(2000, () => settings(3, 100)),
  },
  {
    name: "ping-flood",
    what: "PINGs whose answers nobody reads (CVE-2019-9512)",
    expect: calm,
    deaf: true,
    burst: bursts(2000, () => ping()),
  },
  {
    name: "empty-frames",
    what: "empty DATA frames that end nothing (CVE-2019-9518)",
    expect: calm,
    opening: headers(1, gather),
    burst: bursts(100, () => data(1, [])),
  },
  {
    name: "window-update-flood",
    what: "WINDOW_UPDATE by one, without anything having been sent (CVE-2019-9511)",
    expect: calm,
    burst: bursts(100, () => windowUpdate(0, 1)),
  },
  {
    name: "priority-flood",
    what: "PRIORITY frames that shuffle streams (CVE-2019-9513)",
    expect: calm,
    burst: bursts(100, (i) => frame(Type.priority, 0, id(i), [0, 0, 0, 0, 1])),
  },
  {
    name: "unknown-frames",
    what: "frames of a type that means nothing",
    expect: calm,
    burst: bursts(1000, () => frame(0xfe, 0, 0, [])),
  },
  {
    name: "refused-streams",
    what: "streams beyond the limit, each to be refused",
    expect: calm,
    burst: bursts(100, (i) => headers(id(i), gather)),
  },
  {
    name: "slow-preface",
    what: "a preface, a byte a second (slowloris)",
    expect: { kind: "cut", code: "SETTINGS_TIMEOUT", afterMs: 10_000 },
    withoutGreeting: true,
    pauseMs: 1000,
    burst: (n) => (n < preface.length - 1 ? preface.subarray(n, n + 1) : undefined),
  },
  {
    name: "no-settings",
    what: "a preface, and no SETTINGS after it",
    expect: { kind: "cut", code: "SETTINGS_TIMEOUT", afterMs: 2000 },
    withoutGreeting: true,
    burst: (n) => (n === 0 ? preface : undefined),
  },
  {
    name: "slow-headers",
    what: "a header block, a byte a second",
    expect: { kind: "cut", code: "ENHANCE_YOUR_CALM", afterMs: 10_000 },
    pauseMs: 1000,
    burst: (n) => frame(Type.headers, Flag.endHeaders, 1, say).subarray(n, n + 1),
  },
  {
    name: "endless-headers",
    what: "a header block in two frames, of which the second never comes",
    expect: { kind: "cut", code: "ENHANCE_YOUR_CALM", afterMs: 10_000 },
    opening: frame(Type.headers, 0, 1, say),
    burst: () => undefined,
  },
  {
    name: "zero-window",
    what: "answers asked for, and no window to send them in (CVE-2019-9517)",
    expect: bounded,
    opening: settings(4, 0),
    burst: (n) => (n < 25 ? bursts(10, (i) => asked(i, repeat, message("x".repeat(1000))))(n) : undefined),
  },
  {
    name: "deaf-reader",
    what: "answers asked for with all the windows there are, and never read",
    expect: { kind: "cut", code: "INTERNAL_ERROR", afterMs: 60_000 },
    deaf: true,
    opening: Buffer.concat([settings(4, 2 ** 31 - 1), windowUpdate(0, 2 ** 31 - 65_536)]),
    burst: (n) => (n < 25 ? bursts(10, (i) => asked(i, repeat, message("x".repeat(1000))))(n) : undefined),
  },
  {
    name: "tiny-frames",
    what: "messages in DATA frames of one byte",
    expect: bounded,
    opening: headers(1, gather),
    burst: bursts(1000, (i) => data(1, message("x").subarray(i % 6, (i % 6) + 1))),
  },
  {
    name: "data-dribble",
    what: "large messages begun on many streams, and carried on a byte at a time (CVE-2019-9511)",
    expect: bounded,
    pauseMs: 100,
    opening: bursts(200, (i) => Buffer.concat([headers(id(i), say), data(id(i), [0, 0, 0x0f, 0xff, 0xff])]))(0),
    burst: bursts(200, (i) => data(id(i % 200), [0])),
  },
]

function asked(i: number, block: Uint8Array, body: Uint8Array): Uint8Array {
  return Buffer.concat([headers(id(i), block), data(id(i), body, true)])
}
