import { callWorkloads } from "./calls.js"
import { codec } from "./codec.js"
import { compiler } from "./compiler.js"
import { idleStreams } from "./idle-streams.js"
import { jsonServer } from "./json-server.js"
import { longPath } from "./long-path.js"
import { neighbours } from "./neighbours.js"
import { overhead, prices } from "./prices.js"
import { start } from "./start.js"
import { testPairs } from "./test-pairs.js"
import { unaryServers } from "./unary-server.js"
import { workerThread } from "./worker-thread.js"
import type { Workload } from "./workload.js"

/** Everything that is measured, in the order in which it is. */
export const workloads: readonly Workload[] = [
  ...unaryServers,
  jsonServer,
  ...callWorkloads,
  longPath,
  neighbours,
  workerThread,
  prices,
  overhead,
  idleStreams,
  start,
  testPairs,
  codec,
  compiler,
]
