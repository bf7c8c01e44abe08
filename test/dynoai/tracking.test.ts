import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { analysisObserver, analysisTimer } from '../../lib/dynoai/tracking.js'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { createMeasuredFastify } from '../fixtures/app.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { readSamples } from '../fixtures/samples.js'

t.test('counts an analysis once in each metric', async t => {
  const calls: unknown[] = []
  const record = analysisObserver({
    analysisTotal: { inc: (...args: unknown[]) => { calls.push(['total', ...args]) } },
    analysisDurationSeconds: { observe: (...args: unknown[]) => { calls.push(['seconds', ...args]) } }
  } as unknown as Parameters<typeof analysisObserver>[0], '').record
  record({ source: 'jetstream' }, 'success', 1.5)
  record(undefined, 'error', 2)
  t.strictSame(calls, [
    ['total', { source: 'jetstream', status: 'success' }],
    ['seconds', { source: 'jetstream', status: 'success' }, 1.5],
    ['total', { status: 'error' }], ['seconds', { status: 'error' }, 2]
  ])
})

t.test('times a function that returns, throws, resolves or rejects', async t => {
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

const readActive = async ({ metrics: { registry } }: FastifyInstance): Promise<unknown> =>
  (await readSamples(registry, 'dynoai_active_analyses'))['dynoai_active_analyses']

t.test('an analysis is active from the call of its function until it returns, throws or settles', async t => {
  const fastify = await createMeasuredFastify(t)
  const timeAnalysis = fastify.metrics.timeAnalysis as (...args: unknown[]) => unknown
  const timeAsync = fastify.metrics.timeAnalysis as (...args: unknown[]) => Promise<unknown>
  t.equal(await readActive(fastify), 0)
  let during: unknown
  const readDuring = (): void => { during = readActive(fastify) }
  const thenable = (then: (resolve: () => void) => void): object => {
    readDuring()
    return { then }
  }
  const failing = (message: string): never => {
    readDuring()
    throw new Error(message)
  }
  const cases: Readonly<Record<string, () => unknown>> = {
    returns: () => timeAnalysis({ source: 'upload' }, readDuring),
    throws: () => t.throws(() => timeAnalysis({}, () => failing('boom')), { message: 'boom' }),
    resolves: () => timeAnalysis(async () => { readDuring() }),
    rejects: () => t.rejects(timeAsync(async () => failing('bang')), { message: 'bang' }),
    'returns a thenable that calls back twice': () => timeAnalysis(() => thenable(resolve => { resolve(); resolve() })),
    'returns a thenable that throws': () => t.rejects(timeAsync(() => thenable(() => { throw new Error('then') }))),
    'has a label value that is not declared': () => timeAnalysis({ source: 'fax' }, readDuring),
    'has labels that are not an object': () => timeAnalysis('upload', readDuring)
  }
  for (const [name, analyse] of Object.entries(cases)) {
    during = undefined
    await analyse()
    t.equal(await during, 1, `while it runs: an analysis that ${name}`)
    t.equal(await readActive(fastify), 0, `after its end: an analysis that ${name}`)
  }
  timeAnalysis()
  timeAnalysis({}, 'not a function')
  t.equal(await readActive(fastify), 0, 'after calls without a function')
})

t.test('counts all active analyses, and a reset of the registry does not change their number', async t => {
  const fastify = await createMeasuredFastify(t)
  const { promise: work, resolve: finish } = promiseWithResolvers()
  const first = fastify.metrics.timeAnalysis(() => work)
  const second = fastify.metrics.timeAnalysis(() => work)
  t.equal(await readActive(fastify), 2)
  fastify.metrics.registry.resetMetrics()
  t.equal(await readActive(fastify), 2)
  finish()
  await Promise.all([first, second])
  t.equal(await readActive(fastify), 0)
})

t.test('counts no active analyses without DynoAI metrics or when disabled', async t => {
  for (const options of [{ dynoai: false }, { enabled: false }] as const) {
    const fastify = await createMeasuredFastify(t, options)
    const active = await fastify.metrics.timeAnalysis(async () => await readActive(fastify))
    t.equal(active, undefined, Object.keys(options).join())
  }
})

t.test('an application metric may use the property of the gauge, but its name only without DynoAI', async t => {
  const activeAnalyses = { type: 'gauge', help: 'Mine', collect: () => 7 } as const
  await t.rejects(createMeasuredFastify(t, { metrics: { activeAnalyses } }), {
    code: 'DYNOAI_METRICS_ERR_NAME_TAKEN', message: /'dynoai_active_analyses' is already one of this plugin/
  })
  const renamed = await createMeasuredFastify(t, { metrics: { activeAnalyses: { ...activeAnalyses, name: 'mine' } } })
  t.match(await readSamples(renamed.metrics.registry), { mine: 7, dynoai_active_analyses: 0 })
  t.equal(await readActive(await createMeasuredFastify(t, { dynoai: false, metrics: { activeAnalyses } })), 7)
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
  t.match(await readSamples(fastify.metrics.registry), { [total]: 0 })
  finish()
  await analysis
  t.match(await readSamples(fastify.metrics.registry), {
    [total]: 1,
    'dynoai_analysis_duration_seconds_count{status="success",source="jetstream"}': 1,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 0
  })
})

t.test('a source that is not declared is a metric error of the counter, and neither metric records it', async t => {
  const fastify = await createMeasuredFastify(t)
  t.equal(fastify.metrics.timeAnalysis({ source: 'fax' as 'upload' }, () => 1), 1)
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_metrics_errors_total{metric="dynoai_analysis_total"}': 1,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 0
  })
})

t.test('calls the function once and counts a metric error when labels are invalid', async t => {
  const fastify = await createMeasuredFastify(t)
  const timeAnalysis = fastify.metrics.timeAnalysis as (...args: unknown[]) => unknown
  // The first two count as no labels, the third as the function.
  const valid = ['an object without a prototype', 'a constructor property that throws', 'a revoked proxy of a function']
  const invalid: ReadonlyArray<readonly [what: string, labels: unknown]> = [
    ...UNEXPECTED_VALUES.filter(([what]) => !valid.includes(what)).map(([what, make]) => [what, make()] as const),
    ['a status', { status: 'error' }],
    ['a source that is not a string', { source: { toString: () => 'upload' } }]
  ]
  for (const [what, labels] of invalid) {
    ignoreRejection(labels)
    let calls = 0
    const result = {}
    t.equal(timeAnalysis(labels, () => { calls++; return result }), result, what)
    t.equal(calls, 1, what)
  }
  t.equal(timeAnalysis(), undefined)
  t.equal(timeAnalysis({ source: 'upload' }, 'not a function'), undefined)
  t.match(await readSamples(fastify.metrics.registry), {
    'dynoai_metrics_errors_total{metric="dynoai_analysis_total"}': invalid.length + 2,
    'dynoai_metrics_errors_total{metric="dynoai_analysis_duration_seconds"}': 0,
    'dynoai_analysis_total{status="success",source="upload"}': 0,
    'dynoai_analysis_total{status="error",source="upload"}': 0,
    'dynoai_analysis_duration_seconds_count{status="success",source="upload"}': 0,
    'dynoai_analysis_duration_seconds_count{status="error",source="upload"}': 0
  })
})
