import type { Attributes, Meter } from "@opentelemetry/api"

/** What an instrument is. */
export interface InstrumentDescription {
  readonly name: string
  readonly description: string
  readonly unit: string
}

/** A histogram's name, unit and bounds. */
export interface HistogramDescription extends InstrumentDescription {
  readonly bounds: readonly number[]
}

/** Where measurements go. A series is what an instrument measures under one set of attributes. */
export interface Instruments {
  counter(description: InstrumentDescription): (attributes: Attributes) => CounterSeries
  histogram(description: HistogramDescription): (attributes: Attributes) => HistogramSeries
}

/** A sum, by one set of attributes. */
export interface CounterSeries {
  add(value: number): void
}

/** A distribution, by one set of attributes. */
export interface HistogramSeries {
  record(value: number): void
}

/** Measurements that go to a meter of OpenTelemetry's API, one by one. */
export function meterInstruments(meter: Meter): Instruments {
  return {
    counter({ name, description, unit }) {
      const counter = meter.createCounter(name, { description, unit })
      return (attributes) => ({ add: (value) => counter.add(value, attributes) })
    },
    histogram({ name, description, unit, bounds }) {
      const advice = { explicitBucketBoundaries: [...bounds] }
      const histogram = meter.createHistogram(name, { description, unit, advice })
      return (attributes) => ({ record: (value) => histogram.record(value, attributes) })
    },
  }
}
