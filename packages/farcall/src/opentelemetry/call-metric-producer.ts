import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api"
import { type Clock, systemClock } from "../core/clock.js"
import type {
  CounterSeries,
  HistogramDescription,
  HistogramSeries,
  InstrumentDescription,
  Instruments,
} from "./instruments.js"

/**
 * Sums up what is measured of calls by itself, and gives the sums to the SDK's readers when they ask:
 *
 *     const callMetrics = new CallMetricProducer()
 *     const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [callMetrics] })
 *     const telemetry = openTelemetry({ meterProvider: callMetrics })
 *
 * An SDK's instrument looks its series up by all of its attributes at each measurement, nine times a call; here a series
 * is found once. What it costs is that the SDK's views do not apply: bounds are those of A66, sums are cumulative.
 */
export class CallMetricProducer implements Instruments {
  private readonly instruments: SummedInstrument[] = []
  private readonly clock: Clock
  private readonly startTime: HrTime

  /** @param clock what points of time are told by; real time when left out */
  constructor(clock: Clock = systemClock) {
    this.clock = clock
    this.startTime = hrTime(clock.wallNow())
  }

  counter(description: InstrumentDescription): (attributes: Attributes) => CounterSeries {
    const series = new Map<string, Counted>()
    this.instruments.push({ description, kind: SUM, series })
    return (attributes) => seriesOf(series, attributes, () => new Counted(attributes))
  }

  histogram(description: HistogramDescription): (attributes: Attributes) => HistogramSeries {
    const series = new Map<string, Distributed>()
    const bounds = Float64Array.from(description.bounds)
    this.instruments.push({ description, kind: HISTOGRAM, series })
    return (attributes) => seriesOf(series, attributes, () => new Distributed(attributes, bounds))
  }

  /** For the SDK's readers. What has not been measured yet is left out. */
  async collect(): Promise<CollectedMetrics> {
    const metrics = this.instruments.map((instrument) => this.metricOf(instrument))
    return {
      resourceMetrics: {
        // The reader puts its own in its place.
        resource: undefined as never,
        scopeMetrics: [
          { scope: { name: "farcall" }, metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0) },
        ],
      },
      errors: [],
    }
  }

  private metricOf({ description, kind, series }: SummedInstrument): CollectedMetric {
    const { name, unit } = description
    const descriptor = { name, unit, description: description.description, valueType: ValueType.DOUBLE }
    const points = { startTime: this.startTime, endTime: hrTime(this.clock.wallNow()) }
    if (kind === SUM) {
      const counted = [...series.values()].filter(({ value }) => value > 0)
      const dataPoints = counted.map(({ attributes, value }) => ({ ...points, attributes, value }))
      return { descriptor, aggregationTemporality: CUMULATIVE, dataPointType: SUM, isMonotonic: true, dataPoints }
    }
    const distributed = [...series.values()].map(({ attributes, value }) => ({ ...points, attributes, value }))
    const dataPoints = distributed.filter(({ value }) => value.count > 0)
    return { descriptor, aggregationTemporality: CUMULATIVE, dataPointType: HISTOGRAM, dataPoints }
  }
}

type SummedInstrument =
  | {
      readonly description: InstrumentDescription
      readonly kind: typeof SUM
      readonly series: ReadonlyMap<string, Counted>
    }
  | {
      readonly description: InstrumentDescription
      readonly kind: typeof HISTOGRAM
      readonly series: ReadonlyMap<string, Distributed>
    }

class Counted implements CounterSeries {
  readonly attributes: Attributes
  value = 0

  constructor(attributes: Attributes) {
    this.attributes = attributes
  }

  add(value: number): void {
    this.value += value
  }
}

class Distributed implements HistogramSeries {
  readonly attributes: Attributes
  private readonly bounds: Float64Array
  private readonly counts: Float64Array
  private sum = 0
  private min = Number.POSITIVE_INFINITY
  private max = Number.NEGATIVE_INFINITY
  /** What was measured last, and how often in a row: calls of one kind, and of one turn, measure the same. */
  private last = Number.NaN
  private repeats = 0

  constructor(attributes: Attributes, bounds: Float64Array) {
    this.attributes = attributes
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  record(value: number): void {
    if (value === this.last) this.repeats++
    else this.meet(value)
  }

  private meet(value: number): void {
    this.settle()
    this.last = value
    this.repeats = 1
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  /** Adds up what was measured last. */
  private settle(): void {
    const { last, repeats } = this
    if (repeats === 0) return
    this.repeats = 0
    this.sum += last * repeats
    this.counts[this.bucketOf(last)]! += repeats
  }

  private bucketOf(value: number): number {
    // A bound belongs to the bucket below it.
    const { bounds } = this
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (value <= bounds[middle]!) high = middle
      else low = middle + 1
    }
    return low
  }

  get value(): CollectedHistogram {
    this.settle()
    const { sum, min, max } = this
    const counts = [...this.counts]
    const count = counts.reduce((sum, one) => sum + one, 0)
    return { count, sum, min, max, buckets: { boundaries: [...this.bounds], counts } }
  }
}

/** The series of these attributes: one that there is, for others may have asked for it already. */
function seriesOf<Series>(known: Map<string, Series>, attributes: Attributes, make: () => Series): Series {
  const key = JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  let series = known.get(key)
  if (series === undefined) known.set(key, (series = make()))
  return series
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000)
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)]
}

// The SDK's model of collected metrics, as far as it is needed: its enums are numbers.
const HISTOGRAM = 0
const SUM = 3
const CUMULATIVE = 1

/** All metrics of one collection. */
export interface CollectedMetrics {
  readonly resourceMetrics: {
    readonly resource: never
    readonly scopeMetrics: { readonly scope: { readonly name: string }; readonly metrics: CollectedMetric[] }[]
  }
  readonly errors: unknown[]
}

/** A metric, as the SDK's readers collect it. */
export type CollectedMetric =
  | (CollectedBase<number> & { readonly dataPointType: typeof SUM; readonly isMonotonic: boolean })
  | (CollectedBase<CollectedHistogram> & { readonly dataPointType: typeof HISTOGRAM })

interface CollectedBase<Value> {
  readonly descriptor: {
    readonly name: string
    readonly description: string
    readonly unit: string
    readonly valueType: ValueType
  }
  readonly aggregationTemporality: typeof CUMULATIVE
  readonly dataPoints: {
    readonly startTime: HrTime
    readonly endTime: HrTime
    readonly attributes: Attributes
    readonly value: Value
  }[]
}

/** A histogram, as the SDK's readers collect it. */
export interface CollectedHistogram {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly buckets: { readonly boundaries: number[]; readonly counts: number[] }
}
