import type { MetricDefinitions } from 'dynoai-metrics'
import type { Method, Metric, Metrics } from './clients.js'
import { allocatedBy } from './heap.js'
import type { Cost } from './hooks.js'
import { CALLS } from './names.js'
import type { CallName } from './names.js'

/** Number of calls in one measurement. */
const BATCH = 100_000

const STATUSES = ['ok', 'failed'] as const
const SOURCES = ['web', 'shop', 'phone'] as const
const DEFAULTS = { status: 'ok', source: 'web' } as const
/** The 12 buckets of every histogram. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10]

/** The metrics that every client creates, with the same labels and buckets. */
export const METRICS = {
  checksTotal: { type: 'counter', help: 'Checks' },
  ordersTotal: { type: 'counter', help: 'Orders', labels: { status: STATUSES, source: SOURCES }, defaults: DEFAULTS },
  visitsTotal: { type: 'counter', help: 'Visits', labels: { shop: [], status: STATUSES } },
  load: { type: 'gauge', help: 'Load' },
  waiting: { type: 'gauge', help: 'Waiting', labels: { source: SOURCES } },
  jobSeconds: { type: 'histogram', help: 'Jobs', buckets: BUCKETS },
  orderSeconds: { type: 'histogram', help: 'Orders', labels: { status: STATUSES }, buckets: BUCKETS }
} as const satisfies MetricDefinitions

type BenchMetrics = Metrics<keyof typeof METRICS>

/** One call as a handler makes it. `i` selects the value and the labels. */
type Call = (i: number) => void

/** Cost of a call, and cost of the same call of a method that does nothing: the share of the caller. */
export interface CallCost {
  readonly call: Cost
  readonly empty: Cost
}

// URLs of shops, and the names of the shops as long-lived strings. The step has no common divisor with their number, so
// the calls jump between all of them, as traffic does.
const FOLDER = '/shops/'
const PATHS = Array.from({ length: 500 }, (_, i) => `${FOLDER}shop-${i}`)
const SHOPS = PATHS.map(path => path.slice(FOLDER.length))
const STEP = 7919

// Values spread evenly over all buckets. The string in the array makes V8 store each number as an object that exists
// before the calls. From an array of numbers only, every call would allocate such an object again.
const VALUES: unknown[] = Array.from({ length: 999 }, (_, i) => 10 ** (i * STEP % 999 / 250 - 2.9))
VALUES.push('text')
const valueAt = (i: number): unknown => VALUES[i % 999]

const empty = (): void => {}
const EMPTY: Metric = { inc: empty, set: empty, observe: empty, labels: () => EMPTY }
const EMPTY_METRICS = Object.fromEntries(Object.keys(METRICS).map(key => [key, EMPTY])) as BenchMetrics

/** Returns the measured calls. A client without label defaults receives those labels in each call. */
function callsOf (metrics: BenchMetrics, hasDefaults: boolean): Readonly<Record<CallName, Call>> {
  const { checksTotal: checks, ordersTotal: orders, visitsTotal: visits } = metrics
  const { load, waiting, jobSeconds: jobs, orderSeconds: durations } = metrics
  const order = orders.labels(DEFAULTS)
  const duration = durations.labels({ status: 'ok' })
  return {
    [CALLS.inc]: () => call0(checks, checks.inc),
    [CALLS.incDefaults]: hasDefaults
      ? () => call0(orders, orders.inc)
      : () => call1(orders, orders.inc, { status: 'ok', source: 'web' }),
    [CALLS.incListed]: i => call1(orders, orders.inc, { status: STATUSES[i % 2], source: SOURCES[i % 3] }),
    [CALLS.incValues]: i => {
      call1(visits, visits.inc, { shop: SHOPS[i * STEP % 500], status: STATUSES[i % 2] })
    },
    [CALLS.incSliced]: i => {
      call1(visits, visits.inc, { shop: PATHS[i * STEP % 500]?.slice(FOLDER.length), status: STATUSES[i % 2] })
    },
    [CALLS.incBound]: () => call0(order, order.inc),
    [CALLS.set]: i => call1(load, load.set, valueAt(i)),
    [CALLS.setListed]: i => call2(waiting, waiting.set, { source: SOURCES[i % 3] }, valueAt(i)),
    [CALLS.gaugeIncListed]: i => call1(waiting, waiting.inc, { source: SOURCES[i % 3] }),
    [CALLS.observe]: i => call1(jobs, jobs.observe, valueAt(i)),
    [CALLS.observeListed]: i => {
      call2(durations, durations.observe, { status: STATUSES[i % 2] }, valueAt(i))
    },
    [CALLS.observeBound]: i => call1(duration, duration.observe, valueAt(i))
  }
}

// One call site per number of arguments, shared by all metrics, so V8 inlines no method into the loop. Otherwise V8
// would inline small methods and could then skip the allocation of their labels, but would not inline larger methods.
const call0 = (metric: unknown, method: Method): unknown => method.call(metric)
const call1 = (metric: unknown, method: Method, first: unknown): unknown => method.call(metric, first)
const call2 = (metric: unknown, method: Method, first: unknown, second: unknown): unknown => {
  return method.call(metric, first, second)
}

// These calls make the call sites megamorphic: V8 no longer specialises them for one method.
for (let i = 0; i < 10_000; i++) {
  for (const method of [() => 1, () => 2, () => 3, () => 4, () => 5, () => 6]) {
    call0(EMPTY, method)
    call1(EMPTY, method, i)
    call2(EMPTY, method, i, i)
  }
}

/** Returns a function that makes a batch of each call and returns the cost of one call by its name. */
export function prepareCalls (metrics: BenchMetrics, hasDefaults: boolean): () => Record<string, CallCost> {
  const calls = Object.entries(callsOf(metrics, hasDefaults))
  const empties = Object.values(callsOf(EMPTY_METRICS, hasDefaults))
  return () => Object.fromEntries(calls.map(([name, call], i) => {
    return [name, { call: costOf(call), empty: costOf(empties[i] ?? call) }]
  }))
}

function costOf (call: Call): Cost {
  const bytes = allocatedBy(() => repeat(call), 'young')
  const start = process.hrtime.bigint()
  repeat(call)
  return { nanoseconds: Number(process.hrtime.bigint() - start) / BATCH, bytes: bytes / BATCH }
}

function repeat (call: Call): void {
  for (let i = 0; i < BATCH; i++) call(i)
}
