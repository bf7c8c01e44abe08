import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import type { Test } from 'tap'
import { STALLED_AFTER } from '../../lib/endpoint/stall-detector.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import { createLargeRegistry } from '../fixtures/large-registry.js'
import { runModule } from '../fixtures/run-module.js'
import { readSamples } from '../fixtures/samples.js'

/** Fake globals: timers that never call back, and a time that does not advance. */
const FAKES = {
  setTimeout: () => 1,
  setInterval: () => undefined,
  setImmediate: () => ({}),
  clearTimeout () {},
  clearInterval () {},
  clearImmediate () {},
  queueMicrotask () {},
  performance: { now: () => 0 },
  Date: class extends Date { static override now (): number { return 0 } }
}

type Names = ReadonlyArray<keyof typeof FAKES>

const SETS: readonly Names[] = [['setImmediate'], ['performance'], Object.keys(FAKES) as Array<keyof typeof FAKES>]

/** Replaces globals, and returns a function that restores them. */
function replaceGlobals (t: Test, names: Names): () => void {
  const real = names.map(name => [name, Object.getOwnPropertyDescriptor(globalThis, name)!] as const) // all exist
  const restore = (): void => {
    for (const [name, descriptor] of real) Object.defineProperty(globalThis, name, descriptor)
  }
  t.teardown(restore)
  for (const name of names) {
    Object.defineProperty(globalThis, name, { value: FAKES[name], configurable: true, writable: true })
  }
  return restore
}

t.test('responds to injected requests under fake timers', async t => {
  for (const names of SETS) {
    const registry = createLargeRegistry(1000)
    const fastify = await createMeasuredFastify(t, { registry, requests: { sizes: true } })
    fastify.get('/', async () => 'hello')
    await fastify.ready()
    const restore = replaceGlobals(t, names)
    const responses = [
      await fastify.inject('/'),
      await fastify.inject('/metrics'),
      await fastify.inject({ url: '/metrics', headers: { 'accept-encoding': 'gzip' } }),
      await fastify.inject({ method: 'HEAD', url: '/metrics' }),
      await fastify.inject({ method: 'POST', url: '/metrics' })
    ]
    restore()
    t.strictSame(responses.map(({ statusCode }) => statusCode), [200, 200, 200, 200, 405], names.join())
    checkStructure(responses[1]?.body ?? '', 'text')
    checkStructure(gunzipSync(responses[2]?.rawPayload ?? '').toString(), 'text')
    t.match(await readSamples(registry, 'dynoai_metrics_scrapes_total'), {
      'dynoai_metrics_scrapes_total{status="200"}': 3,
      'dynoai_metrics_scrapes_total{status="405"}': 1
    })
    t.match(await readSamples(registry, 'dynoai_requests'), {
      dynoai_requests_in_flight: 0,
      'dynoai_requests_total{method="GET",status="200"}': 1
    })
  }
})

t.test('responds under fake timers that are installed before the plugin is loaded', async t => {
  const { exitCode, output } = await runModule(t, `
    import Fastify from 'fastify'
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout']) globalThis[name] = () => {}
    Object.defineProperty(globalThis, 'performance', { value: { now: () => 0 }, configurable: true })
    Date.now = () => 0
    const { dynoaiMetrics } = await import(${JSON.stringify(new URL('../../lib/plugin.js', import.meta.url).href)})
    const fastify = Fastify({ pluginTimeout: 0 })
    fastify.register(dynoaiMetrics)
    fastify.get('/', async () => 'hello')
    for (const [url, encoding] of [['/', ''], ['/metrics', ''], ['/metrics', 'gzip']]) {
      const { statusCode } = await fastify.inject({ url, headers: { 'accept-encoding': encoding } })
      console.log(statusCode)
    }
    process.exit(0)
  `)
  t.equal(exitCode, 0)
  t.equal(output, '200\n200\n200\n')
})

t.test('does not disconnect an injected scrape when a fake clock advances', async t => {
  const fastify = await createMeasuredFastify(t, { registry: createLargeRegistry(1000) })
  await fastify.ready()
  t.clock.enter()
  const state = { hasEnded: false }
  const response = fastify.inject({ url: '/metrics', headers: { 'accept-encoding': 'gzip' } })
    .finally(() => { state.hasEnded = true })
  response.catch(() => {}) // it is awaited below
  while (!state.hasEnded) {
    await nextTurn()
    t.clock.advance(STALLED_AFTER)
  }
  t.clock.exit()
  t.equal((await response).statusCode, 200)
})
