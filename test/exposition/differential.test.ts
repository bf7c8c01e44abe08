import { versions } from 'node:process'
import t from 'tap'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify } from '../fixtures/app.js'
import { checkStructure, samplesOf } from '../fixtures/exposition/check-structure.js'
import { expose } from '../fixtures/exposition/expose.js'
import { parseExposition } from '../fixtures/exposition/parse.js'
import type { ParsedFamily } from '../fixtures/exposition/parse.js'
import { createRandom } from '../fixtures/random.js'

/** prom-client's own text, parsed: it separates families by empty lines and has a word of its own for NaN. */
function parseTheirs (exposition: string): ParsedFamily[] {
  return parseExposition(exposition.replace(/\n+/g, '\n').replace(/^\n/, '').replace(/ Nan$/gm, ' NaN'), 'text')
}

// No backslash before an `n`: prom-client does not escape it.
const VALUES = ['a', '', 'x"y', 'line\nbreak', 'back\\slash', 'é🏍', '{},=', ' ', 5, true, null, undefined]

/** The same metrics with the same random samples in a registry of a client. */
function fill (registry: Registry, client: Client, seed: number): void {
  const { float, pick } = createRandom(seed)
  const number = (): number => pick([0, 1, -3.25, 1e21, 1e-9, NaN, Infinity, -Infinity, float() * 1000])
  const labels = (): object => ({ one: pick(VALUES), two: pick(VALUES) })
  const registers = [registry]
  const help = 'Says "it",\nall \\ of it'
  const counter = new client.Counter({ name: 'c_total', help, labelNames: ['one', 'two'], registers })
  const plain = new client.Counter({ name: 'plain_total', help, registers })
  const gauge = new client.Gauge({ name: 'g:rate', help, labelNames: ['one', 'two'], registers })
  const histogram = new client.Histogram({ name: 'h_seconds', help, labelNames: ['one', 'two'], buckets: [0.001, 1, 2.5, 1e6], registers })
  const summary = new client.Summary({ name: 's', help, labelNames: ['one', 'two'], percentiles: [0.5, 0.99], registers })
  const empty = new client.Gauge({ name: 'empty', help, labelNames: ['one'], registers })
  empty.reset()
  for (let i = 0; i < 200; i++) {
    counter.inc(labels(), float() * 10)
    plain.inc(float())
    gauge.set(labels(), number())
    histogram.observe(labels(), 10 ** (8 * float() - 3))
    summary.observe(labels(), float())
  }
}

type Client = { readonly [K in 'Counter' | 'Gauge' | 'Histogram' | 'Summary']: new (configuration: object) => { inc (...args: unknown[]): void, set (...args: unknown[]): void, observe (...args: unknown[]): void, reset (): void } } &
  { readonly Registry: new () => Registry }

const families = (parsed: readonly ParsedFamily[]): object[] => parsed.map(({ name, type, help }) => ({ name, type, help }))

async function compare (t: Tap, client: Client, seed: number, defaultLabels: object): Promise<void> {
  const registry = new client.Registry()
  fill(registry, client, seed)
  registry.setDefaultLabels(defaultLabels)
  const theirs = parseTheirs(await registry.metrics())
  const ours = checkStructure(await expose(registry), 'text')
  t.strictSame(families(ours), families(theirs))
  t.strictSame(samplesOf(ours), samplesOf(theirs))

  // In OpenMetrics, what differs is the names of families and how bounds are written.
  const openMetrics = checkStructure(await expose(registry, 'openmetrics'), 'openmetrics')
  const plainBounds = new Map([...samplesOf(openMetrics)].map(([key, value]) => [key.replace(/("(?:le|quantile)","\d+)\.0"/, '$1"'), value]))
  t.strictSame(plainBounds, samplesOf(theirs))
}
type Tap = typeof t

const clients: Array<readonly [name: string, client: Client]> = [['prom-client', { Counter, Gauge, Histogram, Summary, Registry } as unknown as Client]]
// prom-client's successor needs a newer Node than this package does.
if (Number(versions.node.split('.')[0]) >= 22) clients.push(['@prometheus-io/client', await import('@prometheus-io/client') as unknown as Client])

for (const [name, client] of clients) {
  for (const seed of [1, 2, 3]) {
    t.test(`says of metrics of ${name} what it says of them itself, seed ${seed}`, async t => {
      await compare(t as Tap, client, seed, {})
      // Where a sample has such a label but no value for it, prom-client takes that for its value, its successor does not.
      await compare(t as Tap, client, seed, { pod: 'a"b', ...(name === 'prom-client' && { one: 'default' }) })
    })
  }
}

t.test('says of a whole instance what prom-client says of it', async t => {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { requests: { sizes: true, labels: { tenant: () => 'a' } } })
  fastify.get('/api/status/:runId', async (_request, reply) => await reply.code(202).send('ok'))
  fastify.get('/fails', async () => { throw new Error('fails') })
  for (const url of ['/api/status/1', '/api/status/2', '/fails', '/none']) await fastify.inject(url)
  fastify.metrics.veCorrectionsCount.observe(3)

  const { registry } = fastify.metrics
  const theirs = parseTheirs(await registry.metrics())
  const ours = checkStructure(await expose(registry), 'text')
  checkStructure(await expose(registry, 'openmetrics'), 'openmetrics')
  t.strictSame(families(ours), families(theirs))
  // The runtime has gone on between the two.
  const still = (samples: Map<string, number>): Map<string, number> => new Map([...samples].filter(([name]) => !/^(process|nodejs)_/.test(name)))
  t.strictSame(still(samplesOf(ours)), still(samplesOf(theirs)))
  t.match([...samplesOf(ours).keys()].sort().filter(name => !/gc_|active_/.test(name)), [...samplesOf(theirs).keys()].sort().filter(name => !/gc_|active_/.test(name)))
})
