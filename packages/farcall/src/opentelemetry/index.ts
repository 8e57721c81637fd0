export { latencyBounds, sizeBounds } from "./bounds.js"
export {
  CallMetricProducer,
  type CollectedHistogram,
  type CollectedMetric,
  type CollectedMetrics,
} from "./call-metric-producer.js"
export { grpcTraceBinPropagator } from "./grpc-trace-bin.js"
export type {
  CounterSeries,
  HistogramDescription,
  HistogramSeries,
  InstrumentDescription,
  Instruments,
} from "./instruments.js"
export { type MetricSet, type OpenTelemetryOptions, openTelemetry } from "./open-telemetry.js"
