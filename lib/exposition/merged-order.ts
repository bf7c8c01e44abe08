import { namesOf } from '../registry/sample-names.js'
import type { ExposedMetric } from './encode-families.js'
import type { NameOwners } from './name-owners.js'
import { clashError } from './read-registry.js'
import type { RegisteredMetric } from './read-registry.js'

/** The metrics of the registry of this process. */
export interface RegistryNames {
  readonly registered: readonly RegisteredMetric[]
  readonly requested: readonly RegisteredMetric[]
  readonly owners: NameOwners
}

/** The metrics of the registry, and the names that a scrape requests; `null` for all. */
export interface RequestedNames extends RegistryNames {
  readonly names: readonly string[] | null
}

/**
 * The requested ones of the metrics of all processes: first those of this process, in the order of its registry. The
 * type of a metric may be that of another version of the application. A metric with a name of another one is left out.
 */
export function mergedInOrder (
  merged: readonly ExposedMetric[],
  { registered, requested, names, owners }: RequestedNames,
  onError: (metric: string, err: unknown) => void
): ExposedMetric[] {
  const byName = new Map<string, ExposedMetric>()
  for (const metric of merged) if (!byName.has(metric.name)) byName.set(metric.name, metric)
  const own = requested.flatMap(({ name }) => byName.get(name) ?? [])
  const ownNames = new Set(registered.map(({ name }) => name))
  const requestedNames = new Set(names)
  const others = [...byName.values()].filter(({ name, type }) => !ownNames.has(name) &&
    (names === null || namesOf(name, type).some(sampleName => requestedNames.has(sampleName))))
  const ownersByName = new Map<string, object>(registered.map(owner => [owner.name, owner]))
  return [...own, ...others].filter(metric => {
    const { name, type } = metric
    if (owners.claim(ownersByName.get(name) ?? metric, name, type)) return true
    onError(name, clashError(name))
    return false
  })
}
