import assert from "node:assert/strict"
import { test } from "node:test"
import { formatChannelz } from "./format.js"
import type { ChannelzSnapshot, ConnectionSnapshot, TraceSnapshot } from "./snapshot.js"

const takenAt = new Date("2030-01-02T00:00:00Z")
const before = (seconds: number): Date => new Date(takenAt.getTime() - 1000 * seconds)

const noTrace: TraceSnapshot = { createdAt: before(1), eventCount: 0, events: [] }

const connection: ConnectionSnapshot = {
  id: 5,
  role: "client",
  createdAt: before(90),
  local: "ipv4:127.0.0.1:40000",
  remote: "ipv4:127.0.0.1:50051",
  remoteName: "localhost:50051",
  security: { protocol: "TLSv1.3", cipher: "TLS_X", localCertificate: undefined, remoteCertificate: undefined },
  streams: { open: 1, allowed: 100, started: 4, succeeded: 2, failed: 1, lastStartedAt: before(1) },
  messages: { sent: 4, received: 2, lastSentAt: before(1), lastReceivedAt: undefined },
  keepalivesSent: 1,
  flowControl: { mayBeSent: 65_535, mayCome: 1_048_576 },
  goAwayCode: 11,
  socketOptions: {},
}

const snapshot: ChannelzSnapshot = {
  takenAt,
  channels: [
    {
      id: 1,
      target: "dns:///example.com:443",
      state: "TRANSIENT_FAILURE",
      calls: { started: 4, succeeded: 2, failed: 1, lastStartedAt: before(86_400) },
      maxConnectionsPerAddress: 1,
      trace: {
        createdAt: before(7_200),
        eventCount: 9,
        events: [
          { at: before(7_200), severity: "info", text: "oldest", child: undefined },
          { at: before(61), severity: "info", text: "to try b", child: { kind: "subchannel", id: 2, name: "b" } },
          { at: before(0.25), severity: "warning", text: "it failed", child: undefined },
        ],
      },
      subchannels: [
        {
          id: 2,
          address: "b",
          state: "READY",
          calls: { started: 0, succeeded: 0, failed: 0, lastStartedAt: undefined },
          trace: noTrace,
          connections: [connection],
        },
      ],
    },
  ],
  servers: [
    {
      id: 3,
      calls: { started: 1, succeeded: 1, failed: 0, lastStartedAt: undefined },
      trace: noTrace,
      listenSockets: [{ id: 4, local: "unix:/run/a.sock" }],
      connections: [],
    },
  ],
}

test("a snapshot as a tree", () => {
  assert.deepEqual(formatChannelz(snapshot, { events: 2 }).split("\n"), [
    "channel 1 dns:///example.com:443 TRANSIENT_FAILURE, 4 calls (2 ok, 1 failed, 1 running, last started 1.0 d ago)",
    "├─ 7 events before",
    "├─ 1.0 min ago: to try b (subchannel 2)",
    "├─ WARNING 0.3 s ago: it failed",
    "└─ subchannel 2 b READY, 0 calls (0 ok, 0 failed, 0 running)",
    "   └─ socket 5 ipv4:127.0.0.1:40000 -> ipv4:127.0.0.1:50051, open 1.5 min, TLSv1.3 TLS_X, 1 keepalive, GOAWAY 11 came",
    "      ├─ streams: 1 of 100 open, 4 started, 2 ended, 1 broken",
    "      ├─ messages: 4 sent, 2 received, last sent 1.0 s ago",
    "      └─ windows: 65535 bytes may be sent, 1048576 may come",
    "server 3, 1 call (1 ok, 0 failed, 0 running)",
    "└─ socket 4 listens on unix:/run/a.sock",
  ])
})

test("a tree without events, and of nothing", () => {
  assert.match(formatChannelz(snapshot, { events: 0 }), /running, last started 1.0 d ago\)\n└─ subchannel 2/)
  assert.equal(formatChannelz({ takenAt, channels: [], servers: [] }), "no channels, no servers")
})
