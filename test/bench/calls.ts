import type { MetricDefinitions } from 'dynoai-metrics'
import type { Instrument, Instruments, Method } from './clients.js'
import { allocatedBy } from './heap.js'
import type { HookCost } from './hooks.js'

/** Calls of one measurement. */
const BATCH = 100_000

const STATUSES = ['ok', 'failed'] as const
const SOURCES = ['web', 'shop', 'phone'] as const
const DEFAULTS = { status: 'ok', source: 'web' } as const
/** The 12 buckets of every histogram. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10]

/** Metrics that each client has, with the same labels and buckets. */
export const METRICS = {
  checksTotal: { type: 'counter', help: 'Checks' },
  ordersTotal: { type: 'counter', help: 'Orders', labels: { status: STATUSES, source: SOURCES }, defaults: DEFAULTS },
  visitsTotal: { type: 'counter', help: 'Visits', labels: { shop: [], status: STATUSES } },
  load: { type: 'gauge', help: 'Load' },
  waiting: { type: 'gauge', help: 'Waiting', labels: { source: SOURCES } },
  jobSeconds: { type: 'histogram', help: 'Jobs', buckets: BUCKETS },
  orderSeconds: { type: 'histogram', help: 'Orders', labels: { status: STATUSES }, buckets: BUCKETS }
} as const satisfies MetricDefinitions

type Measured = Instruments<keyof typeof METRICS>

/** One call as a handler makes it; `i` says which of the values and labels. */
type Call = (i: number) => void

/** What a call costs, and the same with a method that does nothing, as its caller's own share. */
export interface CallCost {
  readonly call: HookCost
  readonly empty: HookCost
}

// URLs of shops, and the shops in them as texts that live for long. A step that is prime to their number jumps between
// them, as traffic does.
const FOLDER = '/shops/'
const PATHS = Array.from({ length: 500 }, (_, i) => `${FOLDER}shop-${i}`)
const SHOPS = PATHS.map(path => path.slice(FOLDER.length))
const STEP = 7919

// Over all buckets alike. With a text among them, V8 keeps each number as an object that is made here; those of an
// array of nothing but numbers would be made anew at every call.
const VALUES: unknown[] = Array.from({ length: 999 }, (_, i) => 10 ** (i * STEP % 999 / 250 - 2.9))
VALUES.push('text')
const valueAt = (i: number): unknown => VALUES[i % 999]

const empty = (): void => {}
const EMPTY: Instrument = { inc: empty, set: empty, observe: empty, labels: () => EMPTY }
const EMPTIES = Object.fromEntries(Object.keys(METRICS).map(key => [key, EMPTY])) as Measured

/** The calls that are measured, on the metrics of a client; one without defaults gets those labels in each call. */
function callsOf (metrics: Measured, hasDefaults: boolean): Readonly<Record<string, Call>> {
  const { checksTotal: checks, ordersTotal: orders, visitsTotal: visits } = metrics
  const { load, waiting, jobSeconds: jobs, orderSeconds: durations } = metrics
  const order = orders.labels(DEFAULTS)
  const duration = durations.labels({ status: 'ok' })
  return {
    'counter: inc()': () => call0(checks, checks.inc),
    'counter: inc(), 2 labels by default': hasDefaults
      ? () => call0(orders, orders.inc)
      : () => call1(orders, orders.inc, { status: 'ok', source: 'web' }),
    'counter: inc({ 2 listed })': i => call1(orders, orders.inc, { status: STATUSES[i % 2], source: SOURCES[i % 3] }),
    'counter: inc({ 1 of 500, 1 listed })': i => {
      call1(visits, visits.inc, { shop: SHOPS[i * STEP % 500], status: STATUSES[i % 2] })
    },
    'counter: the same, cut from a URL': i => {
      call1(visits, visits.inc, { shop: PATHS[i * STEP % 500]?.slice(FOLDER.length), status: STATUSES[i % 2] })
    },
    'counter: bound inc()': () => call0(order, order.inc),
    'gauge: set(v)': i => call1(load, load.set, valueAt(i)),
    'gauge: set({ 1 listed }, v)': i => call2(waiting, waiting.set, { source: SOURCES[i % 3] }, valueAt(i)),
    'gauge: inc({ 1 listed })': i => call1(waiting, waiting.inc, { source: SOURCES[i % 3] }),
    'histogram: observe(v)': i => call1(jobs, jobs.observe, valueAt(i)),
    'histogram: observe({ 1 listed }, v)': i => {
      call2(durations, durations.observe, { status: STATUSES[i % 2] }, valueAt(i))
    },
    'histogram: bound observe(v)': i => call1(duration, duration.observe, valueAt(i))
  }
}

// For each number of arguments from one place for all metrics, so that V8 compiles no method into the loop. Otherwise a
// small method would become one with it, so that V8 need not make its labels, and a larger one would not.
const call0 = (metric: unknown, method: Method): unknown => method.call(metric)
const call1 = (metric: unknown, method: Method, first: unknown): unknown => method.call(metric, first)
const call2 = (metric: unknown, method: Method, first: unknown, second: unknown): unknown => {
  return method.call(metric, first, second)
}

// Of a place that has called many, V8 assumes nothing.
for (let i = 0; i < 10_000; i++) {
  for (const method of [() => 1, () => 2, () => 3, () => 4, () => 5, () => 6]) {
    call0(EMPTY, method)
    call1(EMPTY, method, i)
    call2(EMPTY, method, i, i)
  }
}

/** Gives a function that makes a batch of each call, and tells what one of them cost. */
export function prepareCalls (metrics: Measured, hasDefaults: boolean): () => Record<string, CallCost> {
  const calls = Object.entries(callsOf(metrics, hasDefaults))
  const empties = Object.values(callsOf(EMPTIES, hasDefaults))
  return () => Object.fromEntries(calls.map(([name, call], i) => {
    return [name, { call: costOf(call), empty: costOf(empties[i] ?? call) }]
  }))
}

function costOf (call: Call): HookCost {
  const bytes = allocatedBy(() => repeat(call), 'young')
  const start = process.hrtime.bigint()
  repeat(call)
  return { nanoseconds: Number(process.hrtime.bigint() - start) / BATCH, bytes: bytes / BATCH }
}

function repeat (call: Call): void {
  for (let i = 0; i < BATCH; i++) call(i)
}
