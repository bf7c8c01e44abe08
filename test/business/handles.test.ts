import t from 'tap'
import { noopTarget } from '../../lib/business/call-target.js'
import type { CallTarget } from '../../lib/business/call-target.js'
import { counterHandle, gaugeHandle, histogramHandle } from '../../lib/business/handles.js'
import { removableMetric } from '../../lib/registry/family-metric.js'
import { CounterFamily } from '../../lib/series/counter-family.js'
import type { Family } from '../../lib/series/family.js'
import { GaugeFamily } from '../../lib/series/gauge-family.js'
import { HistogramFamily } from '../../lib/series/histogram-family.js'

const options = { name: 'm_total', help: 'h', labels: [{ name: 'a', listed: [] }], buckets: [1] }
const families = {
  counter: new CounterFamily(options), gauge: new GaugeFamily(options), histogram: new HistogramFamily(options)
}
const metric = removableMetric(families.counter)

/** Handles that record nothing, and the calls that they made of their target. */
function createHandles () {
  const calls: Array<[labels: object | undefined, value: unknown]> = []
  const target = <F extends Family>(family: F): CallTarget<F> => ({
    ...noopTarget(family),
    record: ({ labels, value }) => {
      calls.push([labels.every(given => given === undefined) ? undefined : Object.assign({}, ...labels), value])
    }
  })
  return {
    calls,
    counter: counterHandle(target(families.counter), metric),
    gauge: gaugeHandle(target(families.gauge), metric),
    histogram: histogramHandle(target(families.histogram), metric)
  }
}
type Loose = (...args: unknown[]) => void

t.test('a counter adds 1 by default', async t => {
  const { calls, counter: { inc, labels } } = createHandles()
  inc()
  inc(5)
  inc({ a: 'x' })
  inc({ a: 'x' }, 5)
  labels({ a: 'y' }).inc()
  labels({ a: 'y' }).inc(2)
  ;(inc as Loose)(null)
  t.strictSame(calls, [
    [undefined, 1], [undefined, 5], [{ a: 'x' }, 1], [{ a: 'x' }, 5], [{ a: 'y' }, 1], [{ a: 'y' }, 2],
    [undefined, null]
  ])
})

t.test('a gauge sets, adds and subtracts', async t => {
  const { calls, gauge: { set, inc, dec, labels } } = createHandles()
  set(3)
  set({ a: 'x' }, 4)
  ;(set as Loose)()
  inc()
  inc({ a: 'x' }, 2)
  dec()
  dec({ a: 'x' }, 2)
  const bound = labels({ a: 'y' })
  bound.set(7)
  bound.inc()
  bound.dec(2)
  t.strictSame(calls, [
    [undefined, 3], [{ a: 'x' }, 4], [undefined, undefined],
    [undefined, 1], [{ a: 'x' }, 2],
    [undefined, 1], [{ a: 'x' }, 2],
    [{ a: 'y' }, 7], [{ a: 'y' }, 1], [{ a: 'y' }, 2]
  ])
})

t.test('a histogram observes values', async t => {
  const { calls, histogram: { observe, labels } } = createHandles()
  observe(0.5)
  observe({ a: 'x' }, 2)
  labels({ a: 'y' }).observe(3)
  t.strictSame(calls, [[undefined, 0.5], [{ a: 'x' }, 2], [{ a: 'y' }, 3]])
})

t.test('a timer observes the seconds since its start, and labels of its end replace those of its start', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const { calls, histogram: { startTimer, labels } } = createHandles()
  const end = startTimer({ a: 'x' })
  const endBound = labels({ a: 'y' }).startTimer()
  const endBare = startTimer()
  t.clock.advance(1500)
  t.equal(end(), 1.5)
  t.clock.advance(500)
  t.equal(end({ a: 'z' }), 2)
  t.equal(endBound(), 2)
  t.equal(endBare(), 2)
  t.strictSame(calls, [[{ a: 'x' }, 1.5], [{ a: 'z' }, 2], [{ a: 'y' }, 2], [undefined, 2]])
})

t.test('time also observes failures, and returns the result of its function', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const { calls, histogram: { time, labels } } = createHandles()
  const slow = <T>(result: T) => () => { t.clock.advance(250); return result }
  t.equal(time(slow(1)), 1)
  t.equal(time({ a: 'x' }, slow(2)), 2)
  t.equal(labels({ a: 'y' }).time(slow(3)), 3)
  t.throws(() => time(() => { t.clock.advance(250); throw new Error('boom') }), { message: 'boom' })
  await t.rejects(time({ a: 'x' }, async () => { t.clock.advance(250); throw new Error('bang') }), { message: 'bang' })
  t.strictSame(calls, [
    [undefined, 0.25], [{ a: 'x' }, 0.25], [{ a: 'y' }, 0.25], [undefined, 0.25], [{ a: 'x' }, 0.25]
  ])
})

t.test('a bound handle keeps the labels that it was bound with', async t => {
  const { calls, ...handles } = createHandles()
  const given = { a: 'x' }
  const counter = handles.counter.labels(given)
  const gauge = handles.gauge.labels(given)
  const histogram = handles.histogram.labels(given)
  given.a = 'changed'
  counter.inc()
  gauge.set(1)
  histogram.observe(1)
  t.strictSame(calls, [[{ a: 'x' }, 1], [{ a: 'x' }, 1], [{ a: 'x' }, 1]])
})

t.test('every handle has the metric of the registry', async t => {
  const { calls: _, ...handles } = createHandles()
  for (const handle of Object.values(handles)) t.equal(handle.metric, metric)
})
