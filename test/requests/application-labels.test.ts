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
import { readSamples } from '../fixtures/samples.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

function setUp (labels: Record<string, RequestLabel>, maxSeries = 100) {
  const { logger, lines } = createCapturingLogger()
  const metricErrors = new MetricErrors('', new SafeLog(Fastify({ logger }).log))
  const registry = new Registry()
  join(registry, metricErrors.metrics)
  const application = new ApplicationLabels({ labels, maxSeries, metric: 'requests', metricErrors })
  const valuesOf = (request: object, fixed = NO_LABELS, reply: object | null = {}) => {
    const values = application.valuesOf(request as FastifyRequest, reply as FastifyReply | null, fixed)
    return values && Object.fromEntries(application.names.map((name, i) => [name, values[i]]))
  }
  return { application, valuesOf, registry, lines }
}

const tenant: RequestLabel = request => (request as unknown as { tenant: string }).tenant
const size: RequestLabel = (_request, reply) => (reply as unknown as { size: number }).size

t.test('returns the values in the order of the labels', async t => {
  const { application, valuesOf, lines } = setUp({ tenant, size })
  t.strictSame(application.names, ['tenant', 'size'])
  t.strictSame(valuesOf({ tenant: 'a' }, NO_LABELS, { size: 5 }), { tenant: 'a', size: '5' })
  t.strictSame(setUp({}).valuesOf({}), {})
  t.strictSame(lines, [])
})

t.test('returns no values when one is too long, instead of truncating it', async t => {
  const { valuesOf, lines } = setUp({ tenant, size })
  const longest = 'x'.repeat(256)
  t.strictSame(valuesOf({ tenant: longest }, NO_LABELS, { size: 1 }), { tenant: longest, size: '1' })
  t.equal(valuesOf({ tenant: `${longest}x` }, NO_LABELS, { size: 1 }), null)
  t.strictSame(lines, [])
})

t.test('keeps the values of two requests separate when a label of one ends the other', async t => {
  const inner: unknown[] = []
  const { valuesOf } = setUp({
    tenant,
    size (request) {
      const { other } = request as unknown as { other?: object }
      if (other !== undefined) inner.push(valuesOf(other))
      return (request as unknown as { size: number }).size
    }
  })
  const other = { tenant: 'inner', size: 2 }
  t.strictSame(valuesOf({ tenant: 'outer', size: 1, other }), { tenant: 'outer', size: '1' })
  t.strictSame(inner, [{ tenant: 'inner', size: '2' }])
  t.equal(valuesOf({ tenant: 'x'.repeat(257), other: {} }), null)
  t.strictSame(valuesOf({ tenant: 'next', size: 3 }), { tenant: 'next', size: '3' })
})

t.test('does not call the function of a label that the route fixes', async t => {
  const { valuesOf } = setUp({ tenant: () => { throw new Error('called') }, size })
  t.strictSame(valuesOf({}, { tenant: 'fixed' }, { size: true }), { tenant: 'fixed', size: 'true' })
})

t.test('a label may have the name of a property of Object.prototype', async t => {
  const { valuesOf } = setUp({ constructor: () => 'mine' })
  t.strictSame({ ...valuesOf({}) }, { constructor: 'mine' })
})

t.test('calls no function without a reply', async t => {
  const { valuesOf, lines } = setUp({ tenant, size })
  t.strictSame(valuesOf({ tenant: 'a' }, { size: '1' }, null), { tenant: '', size: '1' })
  t.strictSame(lines, [])
})

t.test('uses the empty string when a function throws or returns no value, logs it once and counts it', async t => {
  const values: Array<() => unknown> = [
    () => { throw new Error('boom') }, () => undefined, () => null, () => ({}),
    async () => 'late', async () => { throw new Error('late') }
  ]
  const { valuesOf, registry, lines } = setUp({ tenant: () => values.shift()?.() as string })
  for (let i = 0; i < 6; i++) t.strictSame(valuesOf({}), { tenant: '' })
  t.match(await readSamples(registry), { 'metrics_errors_total{metric="requests"}': 6 })
  t.match(lines, [{ metric: 'requests', err: { message: 'boom' } }])
  t.equal(lines.length, 1)
})

t.test('counts every invalid or thrown value of a label, without an unhandled rejection', async t => {
  const unhandled = collectUnhandledRejections(t)
  const invalid = UNEXPECTED_VALUES.filter(([, make]) => !['string', 'number', 'boolean'].includes(typeof make()))
  let make: () => unknown = () => undefined
  const { valuesOf, registry } = setUp({ returned: () => make() as string, thrown: () => { throw make() } })
  for (const [what, makeInvalid] of invalid) {
    make = makeInvalid
    t.strictSame(valuesOf({}), { returned: '', thrown: '' }, what)
  }
  await nextTurn()
  // The rejected promises that the filter made and that the label threw. Both are the application's to handle.
  t.equal(unhandled.length, 2)
  t.match(await readSamples(registry), { 'metrics_errors_total{metric="requests"}': 2 * invalid.length })
})

t.test('has as many series as the limit, and counts the values that exceed it', async t => {
  const { application, registry, lines } = setUp({ tenant, size }, 2)
  t.strictSame([1, 2, 3].map(() => application.reserveSeries()), [true, true, false])
  t.strictSame(application.overflowValues, ['__overflow__', '__overflow__'])
  application.countOverflow('series')
  application.countOverflow('length')
  t.match(await readSamples(registry), { 'metrics_overflow_total{metric="requests"}': 2 })
  t.match(lines, [{ metric: 'requests', msg: /too many series/ }, { metric: 'requests', msg: /longer/ }])
})
