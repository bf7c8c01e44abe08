import type { Counter, Gauge, Histogram } from 'prom-client'
import type { CounterHandle, GaugeHandle, HistogramHandle } from '../types/index.js'
import { readCall, readLabels, readRun } from './calls.js'
import type { GivenLabels } from './calls.js'
import { run } from './run.js'
import type { SeriesLabels } from './series.js'

/** One way to write a value into a series. */
export interface Operation {
  write (series: SeriesLabels, value: number): void
  /** What a series that holds `current` holds then. */
  result (current: number, value: number): number
}

/**
 * Checks a value and its labels and writes it by an operation, unless the series would then hold no finite number.
 * `labels` are objects, of which a later one replaces what those before say. It reports what is wrong, and never throws.
 */
export type RecordValue = (labels: readonly unknown[], value: unknown, operation: Operation) => void

const add = (current: number, value: number): number => current + value
const subtract = (current: number, value: number): number => current - value
const replace = (_current: number, value: number): number => value

// Every method is a closure rather than one of a class, so that it also works detached from its handle.

/** The handle of a counter: `inc(labels?, value = 1)`. */
export function counterHandle (metric: Counter, record: RecordValue): CounterHandle<GivenLabels> {
  const increment: Operation = { write: (series, value) => metric.inc(series, value), result: add }
  return Object.freeze({
    inc: (...args: readonly unknown[]) => {
      const [labels, value = 1] = readCall(args)
      record([labels], value, increment)
    },
    labels: (labels: GivenLabels) => {
      const bound = readLabels(labels)
      return { inc: (value: unknown = 1) => record([bound], value, increment) }
    },
    metric
  })
}

/** The handle of a gauge: `set(labels?, value)`, `inc(labels?, value = 1)`, `dec(labels?, value = 1)`. */
export function gaugeHandle (metric: Gauge, record: RecordValue): GaugeHandle<GivenLabels> {
  const setting: Operation = { write: (series, value) => metric.set(series, value), result: replace }
  const increment: Operation = { write: (series, value) => metric.inc(series, value), result: add }
  const decrement: Operation = { write: (series, value) => metric.dec(series, value), result: subtract }
  const call = (operation: Operation, byDefault?: number) => (...args: readonly unknown[]): void => {
    const [labels, value = byDefault] = readCall(args)
    record([labels], value, operation)
  }
  return Object.freeze({
    set: call(setting),
    inc: call(increment, 1),
    dec: call(decrement, 1),
    labels: (labels: GivenLabels) => {
      const bound = readLabels(labels)
      return {
        set: (value: unknown) => record([bound], value, setting),
        inc: (value: unknown = 1) => record([bound], value, increment),
        dec: (value: unknown = 1) => record([bound], value, decrement)
      }
    },
    metric
  })
}

/** The handle of a histogram: `observe(labels?, value)`, and timers in seconds. */
export function histogramHandle (metric: Histogram, record: RecordValue): HistogramHandle<GivenLabels> {
  const observation: Operation = { write: (series, value) => metric.observe(series, value), result: add }
  const startTimer = (startLabels?: unknown) => {
    const start = performance.now()
    return (endLabels?: unknown): number => {
      const seconds = (performance.now() - start) / 1000
      record([startLabels, endLabels], seconds, observation)
      return seconds
    }
  }
  const time = <T>(...args: readonly unknown[]): T => {
    const [labels, fn] = readRun(args)
    const end = startTimer(labels)
    return run(fn as () => T, () => { end() })
  }
  return Object.freeze({
    observe: (...args: readonly unknown[]) => {
      const [labels, value] = readCall(args)
      record([labels], value, observation)
    },
    startTimer,
    time,
    labels: (labels: GivenLabels) => {
      const bound = readLabels(labels)
      return {
        observe: (value: unknown) => record([bound], value, observation),
        startTimer: () => {
          const end = startTimer(bound)
          return () => end()
        },
        time: <T>(fn: () => T) => time<T>(bound, fn)
      }
    },
    metric
  })
}
