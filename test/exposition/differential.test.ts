import { versions } from 'node:process'
import t from 'tap'
import type { Test } from 'tap'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify } from '../fixtures/app.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose } from '../fixtures/exposition/expose.js'
import { parseExposition } from '../fixtures/exposition/parse.js'
import type { ParsedFamily } from '../fixtures/exposition/parse.js'
import { createRandom } from '../fixtures/random.js'

/** Parses the text of prom-client, which separates families by empty lines and writes NaN as `Nan`. */
function parsePromClientText (exposition: string): ParsedFamily[] {
  return parseExposition(exposition.replace(/\n+/g, '\n').replace(/^\n/, '').replace(/ Nan$/gm, ' NaN'), 'text')
}

// No value has a backslash before an `n`: prom-client does not escape it.
const VALUES = ['a', '', 'x"y', 'line\nbreak', 'back\\slash', 'é🏍', '{},=', ' ', 5, true, null, undefined]

/** Adds metrics with random samples to a registry. They depend on the seed only. */
function fill (registry: Registry, client: Client, seed: number): void {
  const { float, pick } = createRandom(seed)
  const number = (): number => pick([0, 1, -3.25, 1e21, 1e-9, NaN, Infinity, -Infinity, float() * 1000])
  const labels = (): object => ({ one: pick(VALUES), two: pick(VALUES) })
  const common = { help: 'Says "it",\nall \\ of it', registers: [registry] }
  const labelled = { ...common, labelNames: ['one', 'two'] }
  const counter = new client.Counter({ name: 'c_total', ...labelled })
  const plain = new client.Counter({ name: 'plain_total', ...common })
  const gauge = new client.Gauge({ name: 'g:rate', ...labelled })
  const histogram = new client.Histogram({ name: 'h_seconds', ...labelled, buckets: [0.001, 1, 2.5, 1e6] })
  const summary = new client.Summary({ name: 's', ...labelled, percentiles: [0.5, 0.99] })
  const empty = new client.Gauge({ name: 'empty', ...common, labelNames: ['one'] })
  empty.reset()
  for (let i = 0; i < 200; i++) {
    counter.inc(labels(), float() * 10)
    plain.inc(float())
    gauge.set(labels(), number())
    histogram.observe(labels(), 10 ** (8 * float() - 3))
    summary.observe(labels(), float())
  }
}

interface ClientMetric {
  inc (...args: unknown[]): void
  set (...args: unknown[]): void
  observe (...args: unknown[]): void
  reset (): void
}

type Client =
  { readonly [K in 'Counter' | 'Gauge' | 'Histogram' | 'Summary']: new (configuration: object) => ClientMetric } &
  { readonly Registry: new () => Registry }

const headsOf = (families: readonly ParsedFamily[]): object[] =>
  families.map(({ name, type, help }) => ({ name, type, help }))

async function compare (t: Test, client: Client, seed: number, defaultLabels: object): Promise<void> {
  const registry = new client.Registry()
  fill(registry, client, seed)
  registry.setDefaultLabels(defaultLabels)
  const expected = parsePromClientText(await registry.metrics())
  const exposed = checkStructure(await expose(registry), 'text')
  t.strictSame(headsOf(exposed), headsOf(expected))
  t.strictSame(samplesOf(exposed), samplesOf(expected))

  // OpenMetrics differs only in the names of families and in the format of bounds.
  const openMetrics = samplesOf(checkStructure(await expose(registry, 'openmetrics'), 'openmetrics'))
  const withTextBounds = [...openMetrics].map(([key, value]) =>
    [key.replace(/("(?:le|quantile)","\d+)\.0"/, '$1"'), value] as const)
  t.strictSame(new Map(withTextBounds), samplesOf(expected))
}

const clients: Array<readonly [name: string, client: Client]> = [
  ['prom-client', { Counter, Gauge, Histogram, Summary, Registry } as unknown as Client]
]
// prom-client's successor needs Node 22, this package Node 20.
if (Number(versions.node.split('.')[0]) >= 22) {
  clients.push(['@prometheus-io/client', await import('@prometheus-io/client') as unknown as Client])
}

for (const [name, client] of clients) {
  for (const seed of [1, 2, 3]) {
    t.test(`exposes metrics of ${name} as ${name} does, seed ${seed}`, async t => {
      await compare(t, client, seed, {})
      // Where a sample has a label without a value, prom-client uses the default label, its successor does not.
      await compare(t, client, seed, { pod: 'a"b', ...(name === 'prom-client' && { one: 'default' }) })
    })
  }
}

t.test('exposes all metrics of a Fastify instance as prom-client does', async t => {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { requests: { sizes: true, labels: { tenant: () => 'a' } } })
  fastify.get('/api/status/:runId', async (_request, reply) => await reply.code(202).send('ok'))
  fastify.get('/fails', async () => { throw new Error('fails') })
  for (const url of ['/api/status/1', '/api/status/2', '/fails', '/none']) await fastify.inject(url)
  fastify.metrics.veCorrectionsCount.observe(3)

  const { registry } = fastify.metrics
  const expected = parsePromClientText(await registry.metrics())
  const exposed = checkStructure(await expose(registry), 'text')
  checkStructure(await expose(registry, 'openmetrics'), 'openmetrics')
  t.strictSame(headsOf(exposed), headsOf(expected))
  // Runtime metrics change between the two expositions.
  const withoutRuntime = (families: readonly ParsedFamily[]): Map<string, number> =>
    new Map([...samplesOf(families)].filter(([key]) => !/^(process|nodejs)_/.test(key)))
  t.strictSame(withoutRuntime(exposed), withoutRuntime(expected))
  const stableKeys = (families: readonly ParsedFamily[]): string[] =>
    [...samplesOf(families).keys()].sort().filter(key => !/gc_|active_/.test(key))
  t.match(stableKeys(exposed), stableKeys(expected))
})
