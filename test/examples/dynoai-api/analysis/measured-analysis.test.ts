import Fastify from 'fastify'
import t, { type Test } from 'tap'
import dynoaiMetrics from 'dynoai-metrics'
import { analyseLog } from '../../../../examples/dynoai-api/analysis/analyse-log.js'
import { createMeasuredAnalysis } from '../../../../examples/dynoai-api/analysis/measured-analysis.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { WrongExtensionError } from '../../../../examples/dynoai-api/runs/errors.js'
import { promiseWithResolvers } from '../../../fixtures/promise-with-resolvers.js'
import { readSamples } from '../../../fixtures/samples.js'
import { toLog } from '../to-log.js'

/** Creates the measured analysis without a thread; an analysis waits until the test calls `release`. */
async function setUp (t: Test) {
  const fastify = Fastify()
  t.teardown(() => fastify.close())
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  const { promise: released, resolve: release } = promiseWithResolvers()
  const measured = createMeasuredAnalysis(fastify.metrics, {
    analyse: async (log, events) => {
      await released
      return analyseLog(log, events)
    }
  })
  return { ...measured, release, samples: (prefix: string) => readSamples(fastify.metrics.registry, prefix) }
}

const about = { source: 'jetstream' } as const

t.test('measures an analysis by its source, while it is active and after it', async t => {
  const { analyse, release, samples } = await setUp(t)
  const analysis = analyse(toLog(generateLog({ rows: 100, cells: [{ rpm: 3000, map: 80, percent: 2 }] })), about)
  t.match(await samples('dynoai_active_analyses'), { dynoai_active_analyses: 1 })
  release()
  await analysis
  t.match(await samples('dynoai_active_analyses'), { dynoai_active_analyses: 0 })
  t.match(await samples('dynoai_analysis'), {
    'dynoai_analysis_total{status="success",source="jetstream"}': 1,
    'dynoai_analysis_total{status="error",source="jetstream"}': 0,
    'dynoai_analysis_duration_seconds_count{status="success",source="jetstream"}': 1
  })
  t.match(await samples('dynoai_ve_corrections'), {
    dynoai_ve_corrections_count_sum: 1, dynoai_ve_corrections_magnitude_percent_sum: 2
  })
})

t.test('counts a log that is refused as one failed analysis, by reason', async t => {
  const { analyse, refuse, release, samples } = await setUp(t)
  release()
  await analyse(toLog(generateLog({ rows: 100 })), about)
  await t.rejects(analyse(toLog('rpm\n1500\n'), about), { code: 'DYNOAI_ERR_LOG_COLUMNS' })
  await t.rejects(analyse(toLog(''), about), { code: 'DYNOAI_ERR_LOG_EMPTY' })
  const error = new WrongExtensionError('pull.wp8')
  await t.rejects(refuse(error, about), error)
  t.match(await samples('dynoai_analysis'), {
    'dynoai_analysis_total{status="success",source="jetstream"}': 1,
    'dynoai_analysis_total{status="error",source="jetstream"}': 3,
    'dynoai_analysis_duration_seconds_count{status="success",source="jetstream"}': 1,
    'dynoai_analysis_duration_seconds_count{status="error",source="jetstream"}': 3
  })
  const refusals = Object.entries(await samples('dynoai_log_refusals_total')).filter(([, count]) => count > 0)
  t.strictSame(Object.fromEntries(refusals), {
    'dynoai_log_refusals_total{source="jetstream",reason="columns"}': 1,
    'dynoai_log_refusals_total{source="jetstream",reason="empty"}': 1,
    'dynoai_log_refusals_total{source="jetstream",reason="extension"}': 1
  })
})
