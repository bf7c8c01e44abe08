import t from 'tap'
import { Counter, Gauge, Histogram } from 'prom-client'
import { counterHandle, gaugeHandle, histogramHandle } from '../../lib/business/handles.js'
import type { RecordValue } from '../../lib/business/handles.js'

// What a handle asks to record, and nothing written.
function recorded () {
  const calls: Array<[labels: object | undefined, value: unknown]> = []
  const record: RecordValue = (labels, value) => {
    calls.push([labels.every(one => one === undefined) ? undefined : Object.assign({}, ...labels), value])
  }
  return { calls, record }
}
const configuration = { name: 'm_total', help: 'h', labelNames: ['a'], registers: [] }
type Loose = (...args: unknown[]) => void

t.test('a counter adds 1 unless told', async t => {
  const { calls, record } = recorded()
  const { inc, labels } = counterHandle(new Counter(configuration), record)
  inc()
  inc(5)
  inc({ a: 'x' })
  inc({ a: 'x' }, 5)
  labels({ a: 'y' }).inc()
  labels({ a: 'y' }).inc(2)
  ;(inc as Loose)(null)
  t.strictSame(calls, [[undefined, 1], [undefined, 5], [{ a: 'x' }, 1], [{ a: 'x' }, 5], [{ a: 'y' }, 1], [{ a: 'y' }, 2], [undefined, null]])
})

t.test('a gauge sets, adds and subtracts', async t => {
  const { calls, record } = recorded()
  const { set, inc, dec, labels } = gaugeHandle(new Gauge(configuration), record)
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
    [undefined, 3], [{ a: 'x' }, 4], [undefined, undefined], [undefined, 1], [{ a: 'x' }, 2], [undefined, 1], [{ a: 'x' }, 2],
    [{ a: 'y' }, 7], [{ a: 'y' }, 1], [{ a: 'y' }, 2]
  ])
})

t.test('a histogram observes values', async t => {
  const { calls, record } = recorded()
  const { observe, labels } = histogramHandle(new Histogram(configuration), record)
  observe(0.5)
  observe({ a: 'x' }, 2)
  labels({ a: 'y' }).observe(3)
  t.strictSame(calls, [[undefined, 0.5], [{ a: 'x' }, 2], [{ a: 'y' }, 3]])
})

t.test('a timer observes the seconds since its start, with the labels of its end over those of its start', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const { calls, record } = recorded()
  const { startTimer, labels } = histogramHandle(new Histogram(configuration), record)
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

t.test('time observes also what fails, and gives back what its function gives', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const { calls, record } = recorded()
  const { time, labels } = histogramHandle(new Histogram(configuration), record)
  const slow = <T>(result: T) => () => { t.clock.advance(250); return result }
  t.equal(time(slow(1)), 1)
  t.equal(time({ a: 'x' }, slow(2)), 2)
  t.equal(labels({ a: 'y' }).time(slow(3)), 3)
  t.throws(() => time(() => { t.clock.advance(250); throw new Error('boom') }), { message: 'boom' })
  await t.rejects(time({ a: 'x' }, async () => { t.clock.advance(250); throw new Error('bang') }), { message: 'bang' })
  t.strictSame(calls, [[undefined, 0.25], [{ a: 'x' }, 0.25], [{ a: 'y' }, 0.25], [undefined, 0.25], [{ a: 'x' }, 0.25]])
})

t.test('bound labels are those of the moment when they were bound', async t => {
  const { calls, record } = recorded()
  const given = { a: 'x' }
  const counter = counterHandle(new Counter(configuration), record).labels(given)
  const gauge = gaugeHandle(new Gauge(configuration), record).labels(given)
  const histogram = histogramHandle(new Histogram(configuration), record).labels(given)
  given.a = 'changed'
  counter.inc()
  gauge.set(1)
  histogram.observe(1)
  t.strictSame(calls, [[{ a: 'x' }, 1], [{ a: 'x' }, 1], [{ a: 'x' }, 1]])
})

t.test('shows the prom-client object beneath', async t => {
  const { record } = recorded()
  for (const [handle, Metric] of [[counterHandle, Counter], [gaugeHandle, Gauge], [histogramHandle, Histogram]] as const) {
    const metric = new Metric(configuration)
    t.equal((handle as (metric: unknown, record: unknown) => { metric: unknown })(metric, record).metric, metric)
  }
})
