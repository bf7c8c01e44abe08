import t from 'tap'
import Fastify from 'fastify'
import { createInstanceMetrics } from '../../lib/dynoai/instance-metrics.js'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import { resolveOptions } from '../../lib/options/options.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'

function create (options: DynoaiMetricsOptions) {
  return createInstanceMetrics(resolveOptions(options), new MetricErrors('dynoai_', new SafeLog(Fastify().log)))
}

const metrics = { ordersTotal: { type: 'counter', help: 'Orders' } } as const

const DYNOAI_HANDLES = [
  'analysisTotal', 'analysisDurationSeconds', 'veCorrectionsCount', 'veCorrectionsMagnitudePercent',
  'jetstreamRunsTotal', 'jetstreamPollDurationSeconds', 'virtualTuningSessionsTotal', 'virtualTuningIterations',
  'fileUploadBytes', 'activeSessions'
]

t.test('has the handles of DynoAI and of the application, whichever options are disabled', async t => {
  const cases: ReadonlyArray<readonly [options: DynoaiMetricsOptions, metrics: number, observesUploads: boolean]> = [
    [{}, 11, true],
    [{ metrics }, 12, true],
    [{ uploads: false }, 11, false],
    [{ metrics, dynoai: false }, 2, true],
    [{ metrics, dynoai: false, uploads: false }, 1, false],
    [{ metrics, enabled: false }, 11, false],
    [{ metrics, enabled: false, dynoai: false }, 2, false]
  ]
  for (const [options, count, observesUploads] of cases) {
    const business = create(options)
    const expected = options.metrics ? [...DYNOAI_HANDLES, 'ordersTotal'] : DYNOAI_HANDLES
    t.strictSame(Object.keys(business.handles).sort(), expected.toSorted())
    t.equal(business.metrics.length, count, JSON.stringify(options))
    t.equal(business.observeUpload !== null, observesUploads, JSON.stringify(options))
    t.doesNotThrow(() => business.handles.analysisTotal.inc())
    t.doesNotThrow(() => business.handles.fileUploadBytes.observe(1))
    t.equal(business.timeAnalysis(() => 5), 5)
  }
})

t.test('rejects a property that a DynoAI metric has, unless DynoAI metrics are disabled', async t => {
  const clash = { analysisTotal: { type: 'counter', help: 'Mine' } } as const
  t.throws(() => create({ metrics: clash }), {
    code: 'DYNOAI_METRICS_ERR_DEFINITION', message: /'analysisTotal' has the property of a DynoAI metric/
  })
  const withoutDynoai = create({ metrics: clash, dynoai: false })
  t.strictSame(withoutDynoai.metrics.map(({ name }) => name), ['dynoai_file_upload_bytes', 'dynoai_analysis_total'])
})

t.test('checks definitions even when disabled, but those of DynoAI only when they are used', async t => {
  const invalid = { orders: { type: 'counter', help: 'Orders' } } as const
  t.throws(() => create({ metrics: invalid, enabled: false }), { code: 'DYNOAI_METRICS_ERR_DEFINITION' })
  t.throws(() => create({ maxSeries: 3 }), {
    code: 'DYNOAI_METRICS_ERR_DEFINITION', message: /'dynoai_analysis_total'/
  })
  t.doesNotThrow(() => create({ maxSeries: 3, dynoai: false }))
})
