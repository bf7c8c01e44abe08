import type { ResolvedDefinition } from '../business/resolve-definition.js'
import type { ResolvedOptions } from '../options/options.js'
import { namesOf } from '../registry/sample-names.js'
import type { BusinessMetrics } from '../types/index.js'

/** The metric of DynoAI that any application has use for. */
const UPLOADS = 'fileUploadBytes'

/**
 * The metrics of DynoAI that an instance has: all of them, or without DynoAI only the sizes of uploads, where these are
 * measured and the application has no metric of its own in that place.
 */
export function selectMetrics (
  { dynoai, uploads }: ResolvedOptions, all: readonly ResolvedDefinition[], own: readonly ResolvedDefinition[]
): readonly ResolvedDefinition[] {
  if (dynoai) return all
  return uploads ? all.filter(metric => metric.key === UPLOADS && !own.some(other => replaces(other, metric))) : []
}

// By its property, or by a name of a sample: a counter `…_count` beside a histogram is as much of a clash.
function replaces (other: ResolvedDefinition, { key, name, type }: ResolvedDefinition): boolean {
  if (other.key === key) return true
  const names = namesOf(name, type)
  return namesOf(other.name, other.type).some(one => names.includes(one))
}

/** Hears of the size of every file received, in bytes. */
export type ObserveUpload = (bytes: number) => void

/** Where the sizes of uploads are observed: nowhere unless they are to be, into a metric of ours. */
export function uploadObserver (
  { enabled, uploads }: ResolvedOptions, selected: readonly ResolvedDefinition[], handles: Pick<BusinessMetrics, typeof UPLOADS>
): ObserveUpload | null {
  return enabled && uploads && selected.some(({ key }) => key === UPLOADS) ? bytes => handles[UPLOADS].observe(bytes) : null
}
