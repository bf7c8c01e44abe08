import t from 'tap'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { readRegistry } from '../../lib/exposition/read-registry.js'
import { join } from '../../lib/registry/join.js'
import { registryMetric } from '../../lib/registry/plugin-metric.js'
import { createMetric, createRegistry } from '../fixtures/exposition/faulty-metrics.js'
import type { RegisteredMetric } from '../fixtures/exposition/faulty-metrics.js'

const own = (name: string) => registryMetric({ name, help: 'O', type: 'gauge', labelNames: [], values: () => [] })

/** The names of the metrics that are read, and what is reported. */
function read (registry: Parameters<typeof readRegistry>[0]): {
  readonly names: string[]
  readonly problems: Array<[string, unknown]>
} {
  const problems: Array<[string, unknown]> = []
  const { metrics } = readRegistry(registry, (metric, err) => {
    problems.push([metric, err])
  })
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

t.test('serves what it added itself where the registry fails as a whole', async t => {
  const failing: ReadonlyArray<readonly [problem: RegExp, get: () => unknown]> = [
    [/no metrics/, () => { throw new Error('no metrics') }],
    [/must return an array.*undefined/, () => undefined],
    [/must return an array.*Set \{\}/, () => new Set()],
    [/at most 100000 metrics.*4294967295/, () => new Array(2 ** 32 - 1)],
    [/at most 100000 metrics.*"x"/, () => new Proxy([], { get: (_target, key) => key === 'length' ? 'x' : undefined })]
  ]
  for (const [problem, get] of failing) {
    const registry = new Registry()
    new Gauge({ name: 'theirs', help: 'T', registers: [registry] }).set(1)
    join(registry, [own('first')])
    join(registry, [own('second')])
    registry.getMetricsAsArray = get as Registry['getMetricsAsArray']
    const { names, problems } = read(registry)
    t.strictSame(names, ['first', 'second'])
    t.match(problems, [['registry', { message: problem }]])
    t.equal(problems.length, 1)
  }
})

t.test('reads metrics though the registry finds none by name, and reports that once', async t => {
  const metrics = named('a', 'b').map(([, metric]) => metric)
  t.match(read({ getMetricsAsArray: () => metrics, getSingleMetric: () => undefined }), {
    names: ['a', 'b'],
    problems: []
  })
  t.match(read({ getMetricsAsArray: () => metrics, getSingleMetric: () => ({}) }), { names: ['a', 'b'], problems: [] })
  const { names, problems } = read({
    getMetricsAsArray: () => metrics,
    getSingleMetric: () => {
      throw new Error('cannot find')
    }
  })
  t.strictSame(names, ['a', 'b'])
  t.match(problems, [['registry', { message: 'cannot find' }]])
  t.equal(problems.length, 1)
})

t.test('leaves out what is no metric with a name', async t => {
  const unreadable = Object.defineProperty({}, 'name', { get () { throw new Error('unreadable') } })
  const redacted = Object.defineProperty([createMetric('hidden', [])], 0, { get () { throw new Error('unreadable') } })
  for (const metric of [
    null,
    undefined,
    5,
    'x',
    [],
    () => {},
    {},
    { name: 5 },
    { name: 'x'.repeat(1025) },
    unreadable
  ]) {
    const { names, problems } = read(createRegistry([...named('a'), ['odd', metric], ...named('b')]))
    t.strictSame(names, ['a', 'b'])
    t.match(problems, [['__unnamed__', Error]])
  }
  t.match(read({ getMetricsAsArray: () => redacted, getSingleMetric: () => undefined }), {
    names: [],
    problems: [['__unnamed__', Error]]
  })
})

t.test('of two metrics with one name the first stays', async t => {
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

t.test('a metric that claims the name of another does not take its place', async t => {
  t.match(
    read(
      createRegistry([
        ['liar', createMetric('x', [])],
        ['x', createMetric('x', [], { type: 'histogram' })]
      ])
    ),
    { names: ['x'], problems: [['x', Error]] }
  )
  const registry = createRegistry([['ours', createMetric('ours', [])]])
  const ours = own('ours')
  const liar = createMetric('ours', [])
  const joining = {
    ...new Registry(),
    ...registry,
    registerMetric () {},
    getMetricsAsArray: () => [],
    contentType: '',
    metrics: async () => '',
    setDefaultLabels () {}
  }
  join(joining, [ours])
  const { metrics } = readRegistry({ ...joining, getMetricsAsArray: () => [liar, ours] }, () => {})
  t.equal(metrics[0]?.metric, liar, 'where it is another registry')
  joining.getMetricsAsArray = () => [liar, ours] as never
  t.equal(readRegistry(joining, () => {}).metrics[0]?.metric, ours)
})

t.test('a metric of our own has the name that it was made with', async t => {
  const metric = own('ours')
  Object.assign(metric, { name: 'theirs' })
  t.strictSame(read(createRegistry([['ours', metric], ...named('theirs')])), { names: ['ours', 'theirs'], problems: [] })
})

t.test('a type that is no text is none, and a counter whose name was cut has its whole name', async t => {
  const { metrics } = readRegistry(
    createRegistry([
      ['a', { ...createMetric('a', []), type: 5 }],
      ['b_total', createMetric('b', [], { type: 'counter' })]
    ]),
    (_metric, err) => {
      throw err
    }
  )
  t.match(metrics, [{ name: 'a', type: '' }, { name: 'b_total', type: 'counter' }])
})
