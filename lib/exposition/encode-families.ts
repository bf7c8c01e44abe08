import type { PluginMetric, ValuesMetric } from '../registry/plugin-metric.js'
import type { Family } from '../series/family.js'
import type { CollectedFamily } from './check-family.js'
import type { Chunks } from './chunks.js'
import type { Encoder, Encoding, EncodingContext, SampledFamily } from './encoder.js'
import type { Scheduler } from './scheduler.js'

/** What is written of a metric: the source of a plugin metric, or the samples of an external one. */
export type ExposedMetric = PluginMetric | CollectedFamily

/** How metrics are encoded, and where the bytes go. */
export interface EncodingRun extends Omit<EncodingContext, 'writer'> {
  readonly encoder: Encoder
  readonly chunks: Chunks
  readonly scheduler: Scheduler
  /** Aborted when the rest of the exposition is not needed. */
  readonly signal: AbortSignal
}

/** Whether the series of a metric are in the store. */
export function isStored (exposed: ExposedMetric): exposed is Family {
  return 'table' in exposed
}

/**
 * Writes metrics in slices, and passes each full chunk to the sink. Rejects at the next chunk or slice after the signal
 * is aborted.
 */
export async function encodeFamilies (metrics: readonly ExposedMetric[], run: EncodingRun): Promise<void> {
  const { encoder, chunks, scheduler, signal, usedNames, defaultLabels } = run
  const encoding = encodeAll(encoder, { writer: chunks.writer, usedNames, defaultLabels }, metrics)
  while (encoding.next().done !== true) {
    const { isFull } = chunks
    if (isFull) await chunks.flush()
    // On a free event loop, a full chunk also ends the slice.
    if (!scheduler.isSliceOver && (!isFull || scheduler.isBusy)) continue
    await scheduler.yieldTurn()
    signal.throwIfAborted()
  }
  await chunks.finish()
}

function * encodeAll (encoder: Encoder, context: EncodingContext, metrics: readonly ExposedMetric[]): Encoding {
  for (const metric of metrics) {
    yield * encodeFamily(encoder, context, metric)
    yield
  }
  encoder.encodeEnd(context)
}

function * encodeFamily (encoder: Encoder, context: EncodingContext, metric: ExposedMetric): Encoding {
  if (!isStored(metric)) {
    yield * encoder.encodeSampled(sampledFamilyOf(metric), context)
    return
  }
  yield * metric.expireInSteps()
  if (metric.type === 'counter') yield * encoder.encodeCounter(metric, context)
  else if (metric.type === 'gauge') yield * encoder.encodeGauge(metric, context)
  else yield * encoder.encodeHistogram(metric, context)
}

function sampledFamilyOf (metric: ValuesMetric | CollectedFamily): SampledFamily {
  const { name, help, type } = metric
  return 'rows' in metric
    ? { name, help, type, rows: metric.rows, needsDefaultLabels: false }
    : { name, help, type, rows: metric.values(), needsDefaultLabels: true }
}
