/** Bounds of histograms of seconds, as gRPC A66 has them. */
export const latencyBounds: readonly number[] = [
  0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.013,
  0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 2, 5, 10,
  20, 50, 100,
]

/** Bounds of histograms of bytes, as gRPC A66 has them. */
export const sizeBounds: readonly number[] = [
  0, 1024, 2048, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824, 4294967296,
]

/** Bounds of histograms of retries and hedges: a call has five attempts at most, unless its channel says otherwise. */
export const attemptBounds: readonly number[] = [0, 1, 2, 3, 4, 5, 10]

/** Bounds of `rpc.client.call.duration` and `rpc.server.call.duration`, in seconds, as the semantic conventions have them. */
export const rpcDurationBounds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

/** The same for the conventions' earlier names, in milliseconds. */
export const oldDurationBounds: readonly number[] = [
  0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000,
]
