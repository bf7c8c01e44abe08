import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import Fastify from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Registry } from 'prom-client'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import { join } from '../../lib/registry/join.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import { ApplicationLabels, NO_LABELS } from '../../lib/requests/application-labels.js'
import type { RequestLabel } from '../../lib/types/index.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { samples } from '../fixtures/samples.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

function setUp (labels: Record<string, RequestLabel>, maxSeries = 100) {
  const { logger, lines } = createCapturingLogger()
  const metricErrors = new MetricErrors('', new SafeLog(Fastify({ logger }).log))
  const registry = new Registry()
  join(registry, metricErrors.metrics)
  const application = new ApplicationLabels({ labels, maxSeries, metric: 'requests', metricErrors })
  const of = (request: object, fixed = NO_LABELS, reply: object | null = {}) => {
    const values = application.valuesOf(request as FastifyRequest, reply as FastifyReply | null, fixed)
    return values && Object.fromEntries(application.names.map((name, i) => [name, values[i]]))
  }
  return { application, of, registry, lines }
}
const tenant: RequestLabel = request => (request as unknown as { tenant: string }).tenant
const size: RequestLabel = (_request, reply) => (reply as unknown as { size: number }).size

t.test('gives the values in the order of the labels', async t => {
  const { application, of, lines } = setUp({ tenant, size })
  t.strictSame(application.names, ['tenant', 'size'])
  t.strictSame(of({ tenant: 'a' }, NO_LABELS, { size: 5 }), { tenant: 'a', size: '5' })
  t.strictSame(setUp({}).of({}), {})
  t.strictSame(lines, [])
})

t.test('a value that is too long gives none, and none is cut', async t => {
  const { of, lines } = setUp({ tenant, size })
  t.strictSame(of({ tenant: 'x'.repeat(256) }, NO_LABELS, { size: 1 }), { tenant: 'x'.repeat(256), size: '1' })
  t.equal(of({ tenant: 'x'.repeat(257) }, NO_LABELS, { size: 1 }), null)
  t.strictSame(lines, [])
})

t.test('a label may end another request, whose values are its own', async t => {
  const inner: unknown[] = []
  const { of } = setUp({
    tenant,
    size (request) {
      const { other } = request as unknown as { other?: object }
      if (other !== undefined) inner.push(of(other))
      return (request as unknown as { size: number }).size
    }
  })
  t.strictSame(of({ tenant: 'outer', size: 1, other: { tenant: 'inner', size: 2 } }), { tenant: 'outer', size: '1' })
  t.strictSame(inner, [{ tenant: 'inner', size: '2' }])
  t.equal(of({ tenant: 'x'.repeat(257), other: {} }), null)
  t.strictSame(of({ tenant: 'next', size: 3 }), { tenant: 'next', size: '3' })
})

t.test('what a route fixes is not asked', async t => {
  const { of } = setUp({ tenant: () => { throw new Error('asked') }, size })
  t.strictSame(of({}, { tenant: 'fixed' }, { size: true }), { tenant: 'fixed', size: 'true' })
})

t.test('a label may have the name of what every object has', async t => {
  t.strictSame({ ...setUp({ constructor: () => 'mine' } as unknown as Record<string, RequestLabel>).of({}) }, { constructor: 'mine' })
})

t.test('without a reply nothing is asked', async t => {
  const { of, lines } = setUp({ tenant, size })
  t.strictSame(of({ tenant: 'a' }, { size: '1' }, null), { tenant: '', size: '1' })
  t.strictSame(lines, [])
})

t.test('a function that throws or has no value gives the empty string, is logged once and counted', async t => {
  const values: Array<() => unknown> = [() => { throw new Error('boom') }, () => undefined, () => null, () => ({}), async () => 'late', async () => { throw new Error('late') }]
  const { of, registry, lines } = setUp({ tenant: () => values.shift()?.() as string })
  for (let i = 0; i < 6; i++) t.strictSame(of({}), { tenant: '' })
  t.match(await samples(registry), { 'metrics_errors_total{metric="requests"}': 6 })
  t.match(lines, [{ metric: 'requests', err: { message: 'boom' } }])
  t.equal(lines.length, 1)
})

t.test('whatever a label gives or throws is counted, and ends nothing', async t => {
  const unhandled = collectUnhandledRejections(t)
  const hostile = UNEXPECTED_VALUES.filter(([, make]) => !['string', 'number', 'boolean'].includes(typeof make()))
  let make: () => unknown = () => undefined
  const { of, registry } = setUp({ given: () => make() as string, thrown: () => { throw make() } })
  for (const [what, one] of hostile) {
    make = one
    t.strictSame(of({}), { given: '', thrown: '' }, what)
  }
  await nextTurn()
  // Of what is made to be looked at, and what is thrown, nobody takes the rejection; that is the application's.
  t.equal(unhandled.length, 2)
  t.match(await samples(registry), { 'metrics_errors_total{metric="requests"}': 2 * hostile.length })
})

t.test('has as many places as the limit, and counts what goes beyond', async t => {
  const { application, registry, lines } = setUp({ tenant, size }, 2)
  t.strictSame([1, 2, 3].map(() => application.reserveSeries()), [true, true, false])
  t.strictSame(application.overflowValues, ['__overflow__', '__overflow__'])
  application.overflow('series')
  application.overflow('length')
  t.match(await samples(registry), { 'metrics_overflow_total{metric="requests"}': 2 })
  t.match(lines, [{ metric: 'requests', msg: /too many series/ }, { metric: 'requests', msg: /longer/ }])
})
