import type { ResolvedDefinition } from '../business/resolve-definition.js'
import type { ResolvedOptions } from '../options/options.js'
import { namesOf } from '../registry/sample-names.js'
import type { BusinessMetrics } from '../types/index.js'

/** The metric of DynoAI that is useful to any application. */
const UPLOADS = 'fileUploadBytes'

/**
 * Selects the metrics of DynoAI that an instance has. With the option `dynoai` these are all. Without it, only the
 * sizes of uploads are selected, if uploads are measured and no application metric replaces this metric.
 */
export function selectMetrics (
  { dynoai, uploads }: ResolvedOptions,
  dynoaiMetrics: readonly ResolvedDefinition[],
  applicationMetrics: readonly ResolvedDefinition[]
): readonly ResolvedDefinition[] {
  if (dynoai) return dynoaiMetrics
  if (!uploads) return []
  return dynoaiMetrics.filter(metric =>
    metric.key === UPLOADS && !applicationMetrics.some(other => replaces(other, metric)))
}

// By its property, or by a sample name: a counter `…_count` clashes with the histogram as well.
function replaces (other: ResolvedDefinition, { key, name, type }: ResolvedDefinition): boolean {
  if (other.key === key) return true
  const names = namesOf(name, type)
  return namesOf(other.name, other.type).some(sampleName => names.includes(sampleName))
}

/** Observes the size of a received file, in bytes. */
export type ObserveUpload = (bytes: number) => void

/** Returns the function that observes uploads; `null` if they are not measured or their metric is not selected. */
export function uploadObserver (
  { enabled, uploads }: ResolvedOptions,
  selected: readonly ResolvedDefinition[],
  handles: Pick<BusinessMetrics, typeof UPLOADS>
): ObserveUpload | null {
  const isObserved = enabled && uploads && selected.some(({ key }) => key === UPLOADS)
  return isObserved ? bytes => handles[UPLOADS].observe(bytes) : null
}
