import t from 'tap'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { readRegistry } from '../../lib/exposition/read-registry.js'
import type { ReadableRegistry } from '../../lib/exposition/read-registry.js'
import { join } from '../../lib/registry/join.js'
import { registryMetric } from '../../lib/registry/plugin-metric.js'
import { createMetric, createRegistry } from '../fixtures/exposition/faulty-metrics.js'
import type { RegisteredMetric } from '../fixtures/exposition/faulty-metrics.js'

const pluginMetric = (name: string) =>
  registryMetric({ name, help: 'P', type: 'gauge', labelNames: [], values: () => [] })

interface ReadMetrics {
  /** The names of the metrics that are read. */
  readonly names: string[]
  /** The metrics that are reported, and their errors. */
  readonly problems: Array<[string, unknown]>
}

function read (registry: ReadableRegistry): ReadMetrics {
  const problems: Array<[string, unknown]> = []
  const { metrics } = readRegistry(registry, (metric, err) => { problems.push([metric, err]) })
  return { names: metrics.map(({ name }) => name), problems }
}

const named = (...names: readonly string[]): RegisteredMetric[] => names.map(name => [name, createMetric(name, [])])

t.test('reads names and types in the order of the registry', async t => {
  const registry = new Registry()
  new Counter({ name: 'b_total', help: 'B', registers: [registry] }).inc()
  new Histogram({ name: 'a', help: 'A', registers: [registry] }).observe(1)
  const { metrics, owners } = readRegistry(registry, (_metric, err) => { throw err })
  t.match(metrics, [
    { name: 'b_total', type: 'counter', names: ['b_total'] },
    { name: 'a', type: 'histogram', names: ['a', 'a_bucket', 'a_sum', 'a_count'] }
  ])
  t.strictSame(['b_total', 'a_sum', 'a_created', 'b'].map(name => owners.has(name)), [true, true, true, false])
})

t.test('returns the plugin metrics when the registry itself fails', async t => {
  const failing: ReadonlyArray<readonly [problem: RegExp, get: () => unknown]> = [
    [/no metrics/, () => { throw new Error('no metrics') }],
    [/must return an array.*undefined/, () => undefined],
    [/must return an array.*Set \{\}/, () => new Set()],
    [/at most 100000 metrics.*4294967295/, () => new Array(2 ** 32 - 1)],
    [/at most 100000 metrics.*"x"/, () => new Proxy([], { get: (_target, key) => key === 'length' ? 'x' : undefined })]
  ]
  for (const [problem, get] of failing) {
    const registry = new Registry()
    new Gauge({ name: 'external', help: 'E', registers: [registry] }).set(1)
    join(registry, [pluginMetric('first')])
    join(registry, [pluginMetric('second')])
    registry.getMetricsAsArray = get as Registry['getMetricsAsArray']
    const { names, problems } = read(registry)
    t.strictSame(names, ['first', 'second'])
    t.match(problems, [['registry', { message: problem }]])
    t.equal(problems.length, 1)
  }
})

t.test('reads metrics that the registry does not find by name, and reports a lookup error once', async t => {
  const metrics = named('a', 'b').map(([, metric]) => metric)
  const readWith = (getSingleMetric: ReadableRegistry['getSingleMetric']): ReadMetrics =>
    read({ getMetricsAsArray: () => metrics, getSingleMetric })
  t.match(readWith(() => undefined), { names: ['a', 'b'], problems: [] })
  t.match(readWith(() => ({})), { names: ['a', 'b'], problems: [] })
  const { names, problems } = readWith(() => { throw new Error('cannot find') })
  t.strictSame(names, ['a', 'b'])
  t.match(problems, [['registry', { message: 'cannot find' }]])
  t.equal(problems.length, 1)
})

t.test('leaves out and reports a value that is not a metric with a name', async t => {
  const unreadable = Object.defineProperty({}, 'name', { get () { throw new Error('unreadable') } })
  const metrics = Object.defineProperty([createMetric('hidden', [])], 0, { get () { throw new Error('unreadable') } })
  const values = [null, undefined, 5, 'x', [], () => {}, {}, { name: 5 }, { name: 'x'.repeat(1025) }, unreadable]
  for (const value of values) {
    const { names, problems } = read(createRegistry([...named('a'), ['invalid', value], ...named('b')]))
    t.strictSame(names, ['a', 'b'])
    t.match(problems, [['__unnamed__', Error]])
  }
  t.match(read({ getMetricsAsArray: () => metrics, getSingleMetric: () => undefined }), {
    names: [],
    problems: [['__unnamed__', Error]]
  })
})

t.test('keeps the first of two metrics with the same name', async t => {
  const { names, problems } = read(
    createRegistry([['x', createMetric('x', [], { type: 'histogram' })], ...named('x_count', 'y')])
  )
  t.strictSame(names, ['x', 'y'])
  t.match(problems, [['x_count', { code: 'DYNOAI_METRICS_ERR_COLLECT', message: /'x_count'.*that of another metric/ }]])
  const twice = createMetric('x', [])
  t.match(read({ getMetricsAsArray: () => [twice, twice], getSingleMetric: () => twice }), {
    names: ['x'],
    problems: [['x', Error]]
  })
})

t.test('prefers the metric that is registered under a name over an impostor, and plugin metrics over both', async t => {
  const found = read(createRegistry([
    ['impostor', createMetric('x', [])],
    ['x', createMetric('x', [], { type: 'histogram' })]
  ]))
  t.match(found, { names: ['x'], problems: [['x', Error]] })

  const registry = createRegistry([['p', createMetric('p', [])]])
  const plugin = pluginMetric('p')
  const impostor = createMetric('p', [])
  const joined = {
    ...new Registry(),
    ...registry,
    registerMetric () {},
    getMetricsAsArray: () => [],
    contentType: '',
    metrics: async () => '',
    setDefaultLabels () {}
  }
  join(joined, [plugin])
  const { metrics } = readRegistry({ ...joined, getMetricsAsArray: () => [impostor, plugin] }, () => {})
  t.equal(metrics[0]?.metric, impostor, 'the plugin has not added the metric to this registry')
  joined.getMetricsAsArray = () => [impostor, plugin] as never
  t.equal(readRegistry(joined, () => {}).metrics[0]?.metric, plugin)
})

t.test('reads the original name of a plugin metric whose name was changed', async t => {
  const metric = pluginMetric('original')
  Object.assign(metric, { name: 'other' })
  const registry = createRegistry([['original', metric], ...named('other')])
  t.strictSame(read(registry), { names: ['original', 'other'], problems: [] })
})

t.test('ignores a type that is not a string', async t => {
  const registry = createRegistry([['a', { ...createMetric('a', []), type: 5 }]])
  t.match(readRegistry(registry, (_metric, err) => { throw err }).metrics, [{ name: 'a', type: '' }])
})

t.test('restores the name of a counter from which prom-client has removed _total', async t => {
  const registry = createRegistry([['b_total', createMetric('b', [], { type: 'counter' })]])
  const { metrics } = readRegistry(registry, (_metric, err) => { throw err })
  t.match(metrics, [{ name: 'b_total', type: 'counter' }])
})
