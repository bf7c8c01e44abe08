import type { Counter, Gauge, Histogram } from 'prom-client'
import type { CounterHandle, GaugeHandle, HistogramHandle } from '../types.js'
import { run } from './run.js'
import type { SeriesLabels } from './series.js'

/** Labels as a call gives them, not yet checked. */
export type GivenLabels = Readonly<Record<string, unknown>>

/**
 * Checks a value and its labels, those of `over` before others, and hands them to `write`; what is wrong is reported,
 * and it never throws.
 */
export type RecordValue = (
  labels: GivenLabels | undefined, value: unknown, write: (labels: SeriesLabels, value: number) => void, over?: GivenLabels
) => void

// Every method is a closure rather than one of a class, so that it also works detached from its handle.

/** The handle of a counter: `inc(labels?, value = 1)`. */
export function counterHandle (metric: Counter, record: RecordValue): CounterHandle<GivenLabels> {
  const inc = (...args: readonly unknown[]): void => {
    const [labels, value = 1] = readCall(args)
    record(labels, value, (series, amount) => metric.inc(series, amount))
  }
  return Object.freeze({
    inc,
    labels: (labels: GivenLabels) => {
      const bound = snapshot(labels)
      return { inc: (value?: number) => inc(bound, value) }
    },
    metric
  })
}

/** The handle of a gauge: `set(labels?, value)`, `inc(labels?, value = 1)`, `dec(labels?, value = 1)`. */
export function gaugeHandle (metric: Gauge, record: RecordValue): GaugeHandle<GivenLabels> {
  const set = (...args: readonly unknown[]): void => {
    const [labels, value] = readCall(args)
    record(labels, value, (series, amount) => metric.set(series, amount))
  }
  const inc = (...args: readonly unknown[]): void => {
    const [labels, value = 1] = readCall(args)
    record(labels, value, (series, amount) => metric.inc(series, amount))
  }
  const dec = (...args: readonly unknown[]): void => {
    const [labels, value = 1] = readCall(args)
    record(labels, value, (series, amount) => metric.dec(series, amount))
  }
  return Object.freeze({
    set,
    inc,
    dec,
    labels: (labels: GivenLabels) => {
      const bound = snapshot(labels)
      return {
        set: (value: number) => set(bound, value),
        inc: (value?: number) => inc(bound, value),
        dec: (value?: number) => dec(bound, value)
      }
    },
    metric
  })
}

/** The handle of a histogram: `observe(labels?, value)`, and timers in seconds. */
export function histogramHandle (metric: Histogram, record: RecordValue): HistogramHandle<GivenLabels> {
  const write = (series: SeriesLabels, value: number): void => metric.observe(series, value)
  const observe = (...args: readonly unknown[]): void => {
    const [labels, value] = readCall(args)
    record(labels, value, write)
  }
  const startTimer = (startLabels?: GivenLabels) => {
    const start = performance.now()
    return (endLabels?: GivenLabels): number => {
      const seconds = (performance.now() - start) / 1000
      record(startLabels, seconds, write, endLabels)
      return seconds
    }
  }
  const time = <T>(...args: readonly unknown[]): T => {
    const [labels, fn] = readCall(args)
    const end = startTimer(labels)
    return run(fn as () => T, () => { end() })
  }
  return Object.freeze({
    observe,
    startTimer,
    time,
    labels: (labels: GivenLabels) => {
      const bound = snapshot(labels)
      return {
        observe: (value: number) => observe(bound, value),
        startTimer: () => startTimer(bound),
        time: <T>(fn: () => T) => time<T>(bound, fn)
      }
    },
    metric
  })
}

/** The labels and the value of a call whose labels may be left out. */
export function readCall (args: readonly unknown[]): readonly [labels: GivenLabels | undefined, value: unknown] {
  const [first, second] = args
  if (typeof first === 'object' && first !== null) return [first as GivenLabels, second]
  // The labels come first: swapped with the value, neither may pass for what was meant.
  if (typeof first === 'number' && second !== undefined) return [undefined, args]
  return [undefined, first === undefined ? second : first]
}

// Labels whose properties throw when they are read are kept as they are: recording reads them again, and reports it.
function snapshot (labels: GivenLabels): GivenLabels {
  try {
    return { ...labels }
  } catch {
    return labels
  }
}
