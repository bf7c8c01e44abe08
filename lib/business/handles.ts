import type { CounterFamily } from '../series/counter-family.js'
import type { GaugeFamily } from '../series/gauge-family.js'
import type { HistogramFamily } from '../series/histogram-family.js'
import type { UncheckedLabels } from '../series/label-value.js'
import { NONE } from '../series/label-values.js'
import type {
  BoundCounter, BoundGauge, BoundHistogram, CounterHandle, GaugeHandle, HandleMetric, HistogramHandle
} from '../types/index.js'
import { BoundSeries } from './bound-series.js'
import type { Call, CallTarget } from './call-target.js'
import { copyLabels, readCall, readRun } from './calls.js'
import { run } from './run.js'

type Write = Call['write']

// Methods are closures, not class methods, so they also work without their handle: `const { inc } = handle`.
//
// Each call first tries the common case, which allocates nothing: the series exists and accepts the value. All other
// calls go to `record`, which checks the call from the start. The lines of the common case are repeated in each method:
// V8 inlines a call only if its call site always calls the same function.

/** The handle of a counter: `inc(labels?, value = 1)`. */
export function counterHandle (
  target: CallTarget<CounterFamily>, metric: HandleMetric
): CounterHandle<UncheckedLabels> {
  const { inc, boundInc } = makeIncrements(target)
  return Object.freeze({
    inc,
    labels: (labels: UncheckedLabels): BoundCounter => ({ inc: boundInc(bind(target, labels)) }),
    remove: (labels?: unknown) => { target.remove(labels) },
    metric
  })
}

/** The handle of a gauge: `set(labels?, value)`, `inc(labels?, value = 1)`, `dec(labels?, value = 1)`. */
export function gaugeHandle (target: CallTarget<GaugeFamily>, metric: HandleMetric): GaugeHandle<UncheckedLabels> {
  const { family, unlabelled } = target
  const { inc, boundInc } = makeIncrements(target)
  const set: Write = (index, value) => family.set(index, value)
  const decrease: Write = (index, value) => family.decrease(index, value)
  return Object.freeze({
    set (first?: unknown, second?: unknown) {
      const index = typeof first === 'object' ? target.find(first) : second === undefined ? unlabelled.index : NONE
      if (index === NONE || !family.set(index, valueOf(first, second))) {
        recordCall(target, { first, second, write: set })
      }
    },
    inc,
    dec (first?: unknown, second?: unknown) {
      const index = typeof first === 'object' ? target.find(first) : second === undefined ? unlabelled.index : NONE
      if (index === NONE || !family.decrease(index, valueOf(first, second, 1))) {
        recordCall(target, { first, second, defaultValue: 1, write: decrease })
      }
    },
    labels (labels: UncheckedLabels): BoundGauge {
      const binding = bind(target, labels)
      const { series } = binding
      return {
        set (value: unknown) {
          const { index } = series
          if (index === NONE || !family.set(index, value)) target.record({ ...binding, value, write: set })
        },
        inc: boundInc(binding),
        dec (value: unknown = 1) {
          const { index } = series
          if (index === NONE || !family.decrease(index, value)) target.record({ ...binding, value, write: decrease })
        }
      }
    },
    remove: (labels?: unknown) => { target.remove(labels) },
    metric
  })
}

/** `inc` of counters and gauges. */
function makeIncrements (target: CallTarget<CounterFamily | GaugeFamily>) {
  const { family, unlabelled } = target
  const write: Write = (index, value) => family.increase(index, value)
  return {
    inc (first?: unknown, second?: unknown): void {
      // The most frequent call has its own branch, which skips the checks of the arguments.
      if (first === undefined && second === undefined) {
        const { index } = unlabelled
        if (index !== NONE && family.increase(index, 1)) return
      }
      const index = typeof first === 'object' ? target.find(first) : second === undefined ? unlabelled.index : NONE
      if (index === NONE || !family.increase(index, valueOf(first, second, 1))) {
        recordCall(target, { first, second, defaultValue: 1, write })
      }
    },
    boundInc: (binding: Binding) => {
      const { series } = binding
      return (value: unknown = 1): void => {
        const { index } = series
        if (index === NONE || !family.increase(index, value)) target.record({ ...binding, value, write })
      }
    }
  }
}

/** The handle of a histogram: `observe(labels?, value)`, and timers in seconds. */
export function histogramHandle (
  target: CallTarget<HistogramFamily>, metric: HandleMetric
): HistogramHandle<UncheckedLabels> {
  const { family, unlabelled } = target
  const write: Write = (index, value) => family.record(index, value)
  const observe = (first?: unknown, second?: unknown): void => {
    const index = typeof first === 'object' ? target.find(first) : second === undefined ? unlabelled.index : NONE
    if (index === NONE || !family.record(index, valueOf(first, second))) recordCall(target, { first, second, write })
  }
  const startTimer = (startLabels?: unknown) => {
    const start = performance.now()
    return (endLabels?: unknown): number => {
      const seconds = (performance.now() - start) / 1000
      if (endLabels !== undefined) target.record({ labels: [startLabels, endLabels], value: seconds, write })
      else if (startLabels === undefined) observe(seconds)
      else {
        const index = target.find(startLabels)
        if (index === NONE || !family.record(index, seconds)) {
          target.record({ labels: [startLabels], value: seconds, write })
        }
      }
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
    labels (uncheckedLabels: UncheckedLabels): BoundHistogram {
      const binding = bind(target, uncheckedLabels)
      const { series, labels: [labels] } = binding
      return {
        observe (value: unknown) {
          const { index } = series
          if (index === NONE || !family.record(index, value)) target.record({ ...binding, value, write })
        },
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

/** The value of a call whose labels may be left out. It is used only if the series of the call was found. */
function valueOf (first: unknown, second: unknown, defaultValue?: number): unknown {
  const value = typeof first === 'object' ? second : first
  return value === undefined ? defaultValue : value
}

/** A call with its arguments. */
interface RawCall extends Pick<Call, 'write'> {
  readonly first: unknown
  readonly second: unknown
  readonly defaultValue?: number
}

function recordCall (target: CallTarget, { first, second, defaultValue, write }: RawCall): void {
  const [labels, value = defaultValue] = readCall([first, second])
  target.record({ labels: [labels], value, write, ...(labels === undefined && { series: target.unlabelled }) })
}

/** A copy of labels from the time when they were bound, and their series. */
interface Binding extends Pick<Call, 'labels'> {
  readonly series: BoundSeries
}

function bind (target: CallTarget, labels: unknown): Binding {
  return { labels: [copyLabels(labels)], series: new BoundSeries(target.family) }
}
