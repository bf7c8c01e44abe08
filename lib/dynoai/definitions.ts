import type { MetricDefinitions } from '../types/index.js'

/** The labels of an analysis: its outcome, and the source of its log. */
const analysisLabels = {
  labels: { status: ['success', 'error'], source: ['upload', 'jetstream', 'simulator'] },
  defaults: { status: 'success', source: 'upload' }
} as const

/**
 * The metrics of DynoAI, in seconds, bytes, counts and per cent. Their labels, values and buckets are
 * documented in docs/metrics.md.
 */
export const dynoaiDefinitions = {
  analysisTotal: {
    type: 'counter',
    help: 'Analyses of dyno logs that ended, by outcome and source',
    ...analysisLabels
  },
  analysisDurationSeconds: {
    type: 'histogram',
    help: 'Time that an analysis of a dyno log took, in seconds',
    ...analysisLabels,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
  },
  veCorrectionsCount: {
    type: 'histogram',
    help: 'Volumetric-efficiency cells that an analysis corrected',
    // A fuel table has 55 cells, so few analyses correct more.
    buckets: [0, 1, 2, 5, 10, 20, 30, 40, 50, 55, 100, 500, 1000]
  },
  veCorrectionsMagnitudePercent: {
    type: 'histogram',
    help: 'Largest absolute correction of an analysis before the clamp, in per cent',
    buckets: [0.5, 1, 2, 5, 7, 10, 15]
  },
  jetstreamRunsTotal: {
    type: 'counter',
    help: 'Transitions of Jetstream runs, by the state that was entered',
    labels: { status: ['pending', 'downloading', 'converting', 'validating', 'processing', 'complete', 'error'] },
    defaults: { status: 'complete' }
  },
  jetstreamPollDurationSeconds: {
    type: 'histogram',
    help: 'Time that a poll of Jetstream took, in seconds',
    labels: { status: ['success', 'error'] },
    defaults: { status: 'success' },
    buckets: [0.1, 0.5, 1, 2, 5, 10]
  },
  virtualTuningSessionsTotal: {
    type: 'counter',
    help: 'Transitions of virtual tuning sessions, by the state that was entered',
    labels: { status: ['running', 'converged', 'failed', 'stopped', 'max_iterations'] },
    defaults: { status: 'converged' }
  },
  virtualTuningIterations: {
    type: 'histogram',
    help: 'Iterations that a virtual tuning session took',
    buckets: [1, 2, 3, 5, 7, 10, 15, 20]
  },
  fileUploadBytes: {
    type: 'histogram',
    help: 'Size of the files received, in bytes',
    buckets: [1024, 10240, 102400, 1048576, 10485760, 52428800]
  },
  activeSessions: {
    type: 'gauge',
    help: 'Tuning sessions that are open now'
  }
} as const satisfies MetricDefinitions
