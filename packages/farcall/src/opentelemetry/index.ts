export { latencyBounds, sizeBounds } from "./bounds.js"
export { grpcTraceBinPropagator } from "./grpc-trace-bin.js"
export { type MetricSet, type OpenTelemetryOptions, openTelemetry } from "./open-telemetry.js"
