import { roll, ways } from "./rolling-restarts/roll.js"

// 10,000 calls of all four kinds across 20 restarts of their servers, without a policy that retries any, once for each way
// in which a client may be set up for it. Ends with 1 when a call was lost.

for (const way of ways) {
  const { calls, lost } = await roll(way, 20, 10_000)
  for (const one of lost.slice(0, 20)) console.log(`✗ ${one}`)
  console.log(`rolling restarts, ${way.name}: ${calls} calls across 20 restarts, ${lost.length} lost`)
  if (lost.length > 0) process.exitCode = 1
}
