import type { CounterFamily } from '../series/counter-family.js'
import type { GaugeFamily } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import { NONE } from '../series/label-values.js'
import type {
  BoundCounter, BoundGauge, BoundHistogram, CounterHandle, GaugeHandle, HandleMetric, HistogramHandle
} from '../types/index.js'
import { BoundSeries } from './bound-series.js'
import type { CallTarget } from './call-target.js'
import { readCall, readLabels, readRun } from './calls.js'
import type { GivenLabels } from './calls.js'
import { run } from './run.js'

/** Writes a value into the series at a place; `false`, and nothing done, where it cannot. */
type Write = (place: number, value: unknown) => boolean

// Every method is a closure rather than one of a class, so that it also works detached from its handle.
//
// Each call first tries what is right in nearly all: the series is there, and takes the value. That builds nothing. All else goes to
// `record`, which checks the call from the start.

/** The handle of a counter: `inc(labels?, value = 1)`. */
export function counterHandle (target: CallTarget<CounterFamily>, metric: HandleMetric): CounterHandle<GivenLabels> {
  const { family } = target
  const increase: Write = (place, value) => family.increase(place, value)
  return Object.freeze({
    inc: labelled(target, increase, 1),
    labels: (labels: GivenLabels): BoundCounter => ({ inc: bound(target, increase, { labels, byDefault: 1 }) }),
    remove: (labels?: unknown) => { target.remove(labels) },
    metric
  })
}

/** The handle of a gauge: `set(labels?, value)`, `inc(labels?, value = 1)`, `dec(labels?, value = 1)`. */
export function gaugeHandle (target: CallTarget<GaugeFamily>, metric: HandleMetric): GaugeHandle<GivenLabels> {
  const { family } = target
  const set: Write = (place, value) => family.set(place, value)
  const increase: Write = (place, value) => family.increase(place, value)
  const decrease: Write = (place, value) => family.decrease(place, value)
  return Object.freeze({
    set: labelled(target, set),
    inc: labelled(target, increase, 1),
    dec: labelled(target, decrease, 1),
    labels (given: GivenLabels): BoundGauge {
      const labels = readLabels(given)
      return {
        set: bound(target, set, { labels }),
        inc: bound(target, increase, { labels, byDefault: 1 }),
        dec: bound(target, decrease, { labels, byDefault: 1 })
      }
    },
    remove: (labels?: unknown) => { target.remove(labels) },
    metric
  })
}

/** The handle of a histogram: `observe(labels?, value)`, and timers in seconds. */
export function histogramHandle (target: CallTarget<HistogramFamily>, metric: HandleMetric): HistogramHandle<GivenLabels> {
  const { family } = target
  const record: Write = (place, value) => family.record(place, value)
  const observe = labelled(target, record)
  const startTimer = (startLabels?: unknown) => {
    const start = performance.now()
    return (endLabels?: unknown): number => {
      const seconds = (performance.now() - start) / 1000
      if (endLabels === undefined && typeof startLabels === 'object') observe(startLabels, seconds)
      else target.record({ labels: [startLabels, endLabels], value: seconds, write: record })
      return seconds
    }
  }
  const time = <T>(...args: readonly unknown[]): T => {
    const [labels, fn] = readRun(args)
    const end = startTimer(labels)
    return run(fn as () => T, () => { end() })
  }
  return Object.freeze({
    observe,
    startTimer,
    time,
    labels (given: GivenLabels): BoundHistogram {
      const labels = readLabels(given)
      return {
        observe: bound(target, record, { labels }),
        startTimer: () => {
          const end = startTimer(labels)
          return () => end()
        },
        time: <T>(fn: () => T) => time<T>(labels, fn)
      }
    },
    remove: (labels?: unknown) => { target.remove(labels) },
    metric
  })
}

/** A call with labels that can be left out, and a value. */
function labelled (target: CallTarget, write: Write, byDefault?: number) {
  const { unlabelled } = target
  return (first?: unknown, second?: unknown): void => {
    if (typeof first === 'object') {
      const place = target.find(first)
      if (place !== NONE && write(place, second === undefined ? byDefault : second)) return
    } else if (second === undefined) {
      const { place } = unlabelled
      if (place !== NONE && write(place, first === undefined ? byDefault : first)) return
    }
    const [labels, value = byDefault] = readCall([first, second])
    target.record({ labels: [labels], value, write, ...(labels === undefined && { bound: unlabelled }) })
  }
}

/** What a bound call has instead of arguments. */
interface Binding {
  /** Read once, when they are bound. */
  readonly labels: unknown
  readonly byDefault?: number
}

/** A call whose labels are bound. */
function bound (target: CallTarget, write: Write, { labels, byDefault }: Binding) {
  const read = readLabels(labels)
  const series = new BoundSeries(target.family)
  return (value: unknown = byDefault): void => {
    const { place } = series
    if (place !== NONE && write(place, value)) return
    target.record({ labels: [read], value, write, bound: series })
  }
}
