import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { analysisObserver, analysisTimer } from '../../lib/dynoai/tracking.js'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { samples } from '../fixtures/samples.js'

t.test('counts an analysis once in each metric', async t => {
  const calls: unknown[] = []
  const record = analysisObserver({
    analysisTotal: { inc: (...args: unknown[]) => { calls.push(['total', ...args]) } },
    analysisDurationSeconds: { observe: (...args: unknown[]) => { calls.push(['seconds', ...args]) } }
  } as unknown as Parameters<typeof analysisObserver>[0], '').record
  record({ source: 'jetstream' }, 'success', 1.5)
  record(undefined, 'error', 2)
  t.strictSame(calls, [
    ['total', { source: 'jetstream', status: 'success' }], ['seconds', { source: 'jetstream', status: 'success' }, 1.5],
    ['total', { status: 'error' }], ['seconds', { status: 'error' }, 2]
  ])
})

t.test('times what returns, throws, resolves and rejects', async t => {
  t.clock.enter()
  t.teardown(() => t.clock.exit())
  const calls: unknown[] = []
  const timeAnalysis = analysisTimer({
    begin: () => { calls.push('begin') },
    end: () => { calls.push('end') },
    record: (...args) => { calls.push(args) }
  })
  t.equal(timeAnalysis({ source: 'simulator' }, () => { t.clock.advance(100); return 1 }), 1)
  t.equal(timeAnalysis(() => 2), 2)
  t.throws(() => timeAnalysis({}, () => { throw new Error('boom') }), { message: 'boom' })
  const pending = timeAnalysis({ source: 'jetstream' }, async () => 3)
  t.clock.advance(2000)
  t.equal(await pending, 3)
  await t.rejects(timeAnalysis({}, async () => { throw new Error('bang') }), { message: 'bang' })
  t.strictSame(calls, [
    'begin', 'end', [{ source: 'simulator' }, 'success', 0.1],
    'begin', 'end', [undefined, 'success', 0],
    'begin', 'end', [{}, 'error', 0],
    'begin', 'end', [{ source: 'jetstream' }, 'success', 2],
    'begin', 'end', [{}, 'error', 0]
  ])
})

const active = async ({ metrics: { registry } }: FastifyInstance): Promise<unknown> =>
  (await samples(registry, 'dynoai_active_analyses'))['dynoai_active_analyses']

t.test('an analysis is active from the call of its function until it has returned, thrown or settled', async t => {
  const fastify = await createMeasuredFastify(t)
  const timeAnalysis = fastify.metrics.timeAnalysis as (...args: unknown[]) => unknown
  t.equal(await active(fastify), 0)
  let during: unknown
  const look = (): void => { during = active(fastify) }
  const cases: Readonly<Record<string, () => unknown>> = {
    returns: () => timeAnalysis({ source: 'upload' }, look),
    throws: () => t.throws(() => timeAnalysis({}, () => { look(); throw new Error('boom') }), { message: 'boom' }),
    resolves: () => timeAnalysis(async () => { look() }),
    rejects: () => t.rejects(timeAnalysis(async () => { look(); throw new Error('bang') }) as Promise<unknown>, { message: 'bang' }),
    'has a thenable that calls back twice': () => timeAnalysis(() => { look(); return { then (resolve: () => void) { resolve(); resolve() } } }),
    'has a thenable that throws': () => t.rejects(timeAnalysis(() => { look(); return { then () { throw new Error('then') } } }) as Promise<unknown>),
    'has wrong labels': () => timeAnalysis({ source: 'fax' }, look),
    'has labels that are none': () => timeAnalysis('upload', look)
  }
  for (const [what, act] of Object.entries(cases)) {
    during = undefined
    await act()
    t.equal(await during, 1, `an analysis that ${what}, while it runs`)
    t.equal(await active(fastify), 0, `an analysis that ${what}, when it has ended`)
  }
  timeAnalysis()
  timeAnalysis({}, 'no function')
  t.equal(await active(fastify), 0, 'where there is nothing to run')
})

t.test('counts all that are active, and a reset of the registry leaves their number as it is', async t => {
  const fastify = await createMeasuredFastify(t)
  const { promise: work, resolve: finish } = promiseWithResolvers()
  const first = fastify.metrics.timeAnalysis(() => work)
  const second = fastify.metrics.timeAnalysis(() => work)
  t.equal(await active(fastify), 2)
  fastify.metrics.registry.resetMetrics()
  t.equal(await active(fastify), 2)
  finish()
  await Promise.all([first, second])
  t.equal(await active(fastify), 0)
})

t.test('an instance without DynoAI, or one that is disabled, has no active analyses', async t => {
  for (const options of [{ dynoai: false }, { enabled: false }] as const) {
    const fastify = await createMeasuredFastify(t, options)
    t.equal(await fastify.metrics.timeAnalysis(async () => await active(fastify)), undefined, Object.keys(options).join())
  }
})

t.test('an application cannot have a metric of that name beside it, but one of that property, and without DynoAI both', async t => {
  const activeAnalyses = { type: 'gauge', help: 'Mine', collect: () => 7 } as const
  await t.rejects(createMeasuredFastify(t, { metrics: { activeAnalyses } }), {
    code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /'dynoai_active_analyses' is already one of this plugin/
  })
  const renamed = await createMeasuredFastify(t, { metrics: { activeAnalyses: { ...activeAnalyses, name: 'mine' } } })
  t.match(await samples(renamed.metrics.registry), { mine: 7, dynoai_active_analyses: 0 })
  t.equal(await active(await createMeasuredFastify(t, { dynoai: false, metrics: { activeAnalyses } })), 7)
})

t.test('an analysis that outlives its request is counted when it ends', async t => {
  const fastify = await createMeasuredFastify(t)
  const { promise: work, resolve: finish } = promiseWithResolvers()
  let analysis: Promise<void> | undefined
  fastify.post('/analyze', async (_request, reply) => {
    analysis = fastify.metrics.timeAnalysis({ source: 'jetstream' }, () => work)
    return reply.code(202).send()
  })
  await fastify.inject({ method: 'POST', url: '/analyze' })
  const total = 'dynoai_analysis_total{status="success",source="jetstream"}'
  t.match(await samples(fastify.metrics.registry), { [total]: 0 })
  finish()
  await analysis
  t.match(await samples(fastify.metrics.registry), {
    [total]: 1,
    'dynoai_analysis_duration_seconds_count{status="success",source="jetstream"}': 1,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 0
  })
})

t.test('a source that is not listed is a mistake of the counter, and not half recorded', async t => {
  const fastify = await createMeasuredFastify(t)
  t.equal(fastify.metrics.timeAnalysis({ source: 'fax' as 'upload' }, () => 1), 1)
  t.match(await samples(fastify.metrics.registry), {
    'dynoai_metrics_errors_total{metric="dynoai_analysis_total"}': 1,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 0
  })
})

t.test('wrong labels lose neither the work nor the failure', async t => {
  const fastify = await createMeasuredFastify(t)
  const timeAnalysis = fastify.metrics.timeAnalysis as (...args: unknown[]) => unknown
  // The first two have no label, the third is taken for what is to be run.
  const right = ['an object without a prototype', 'a class that cannot be read', 'a revoked proxy of a function']
  const wrong: ReadonlyArray<readonly [what: string, labels: unknown]> = [
    ...UNEXPECTED_VALUES.filter(([what]) => !right.includes(what)).map(([what, make]) => [what, make()] as const),
    ['a status', { status: 'error' }],
    ['a source that is no string', { source: { toString: () => 'upload' } }]
  ]
  for (const [what, labels] of wrong) {
    ignoreRejection(labels)
    let runs = 0
    const result = {}
    t.equal(timeAnalysis(labels, () => { runs++; return result }), result, what)
    t.equal(runs, 1, what)
  }
  t.equal(timeAnalysis(), undefined)
  t.equal(timeAnalysis({ source: 'upload' }, 'no function'), undefined)
  t.match(await samples(fastify.metrics.registry), {
    'dynoai_metrics_errors_total{metric="dynoai_analysis_total"}': wrong.length + 2,
    'dynoai_metrics_errors_total{metric="dynoai_analysis_duration_seconds"}': 0,
    'dynoai_analysis_total{status="success",source="upload"}': 0,
    'dynoai_analysis_total{status="error",source="upload"}': 0,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 0,
    'dynoai_analysis_duration_seconds_count{status="error",source="upload"}': 0
  })
})
