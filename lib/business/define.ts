import { Counter, Gauge, Histogram } from 'prom-client'
import { errors, received } from '../errors.js'
import { LEFT_OUT } from '../registry/mistakes.js'
import type { Mistakes } from '../registry/mistakes.js'
import type { NamedMetric } from '../registry/registry.js'
import { startFromZero } from '../registry/start-from-zero.js'
import { mergeLabels } from './calls.js'
import { counterHandle, gaugeHandle, histogramHandle } from './handles.js'
import type { RecordValue } from './handles.js'
import { freeOnRemove } from './removal.js'
import { listedCombinations } from './resolve-definition.js'
import type { ResolvedDefinition } from './resolve-definition.js'
import { SeriesSet } from './series.js'

type PromMetric = (Counter | Gauge | Histogram) & NamedMetric
type Handle = ReturnType<typeof counterHandle | typeof gaugeHandle | typeof histogramHandle>

/** Handles by property. */
export type Handles = Readonly<Record<string, Handle>>

/** Makes handles that record, and the prom-client objects beneath them for the registry. */
export function defineMetrics (definitions: readonly ResolvedDefinition[], maxSeries: number, mistakes: Mistakes): { handles: Handles, metrics: PromMetric[] } {
  const handles: Array<readonly [key: string, handle: Handle]> = []
  const metrics: PromMetric[] = []
  for (const definition of definitions) {
    const { key, name, labels } = definition
    const metric = createMetric(definition, mistakes)
    const series = new SeriesSet(definition, maxSeries, reason => mistakes.overflow(name, reason))
    startFromZero(metric, () => series.restart())
    // A gauge with a function to collect has no labels, and takes its own sample away when that fails.
    if (definition.collect === undefined) freeOnRemove(metric, Object.keys(labels), series)
    mistakes.watch(name, listedCombinations(Object.values(labels)) === 0)
    handles.push([key, createHandle(metric, createRecorder(definition, metric, series, mistakes))])
    metrics.push(metric)
  }
  return { handles: Object.fromEntries(handles), metrics }
}

/** Makes handles of the same shape that do nothing, over prom-client objects in no registry. */
export function defineDisabled (definitions: readonly ResolvedDefinition[]): Handles {
  return Object.fromEntries(definitions.map(definition => [definition.key, createHandle(createMetric(definition), () => {})]))
}

function createMetric (definition: ResolvedDefinition, mistakes?: Mistakes): PromMetric {
  const { type, name, help, buckets, collect } = definition
  const configuration = { name, help, labelNames: Object.keys(definition.labels), registers: [] }
  // prom-client's types leave out the `name` that its objects have.
  if (type === 'counter') return new Counter(configuration) as Counter & NamedMetric
  if (type === 'histogram') return new Histogram(buckets ? { ...configuration, buckets: [...buckets] } : configuration) as Histogram & NamedMetric
  if (!collect || !mistakes) return new Gauge(configuration) as Gauge & NamedMetric
  return new Gauge({
    ...configuration,
    async collect () {
      try {
        const value = await collect()
        if (!Number.isFinite(value)) throw new errors.ERR_COLLECT(name, 'its collect function must give a finite number', received(value))
        this.set(value)
      } catch (err) {
        // No sample is better than the last good one, which would look like a measurement.
        this.remove()
        mistakes.error(name, err, LEFT_OUT)
      }
    }
  }) as Gauge & NamedMetric
}

function createHandle (metric: PromMetric, record: RecordValue): Handle {
  if (metric instanceof Counter) return counterHandle(metric, record)
  if (metric instanceof Gauge) return gaugeHandle(metric, record)
  return histogramHandle(metric, record)
}

function createRecorder (
  { name, type }: ResolvedDefinition, metric: PromMetric, series: SeriesSet, mistakes: Mistakes
): RecordValue {
  const reject = (problem: string, value: unknown) => new errors.ERR_CALL(name, problem, received(value))
  return (labels, value, operation) => {
    try {
      if (typeof value !== 'number' || !Number.isFinite(value)) throw reject('the value must be a finite number', value)
      if (type === 'counter' && value < 0) throw reject('a counter cannot decrease', value)
      if (type === 'histogram' && value < 0) throw reject('a histogram takes no negative value', value)
      const { key, labels: complete } = series.resolve(mergeLabels(name, labels))
      // Once infinite, a sum stays so for good.
      const result = operation.result(heldBy(metric, key), value)
      if (!Number.isFinite(result)) throw reject('the sum would be too large', value)
      operation.write(complete, value)
    } catch (err) {
      mistakes.error(name, err)
    }
  }
}

/** prom-client's own record of the series of a metric. */
interface HeldSeries {
  readonly value?: number
  readonly sum?: number
}

/** What a series of a prom-client metric holds, for a histogram its sum: 0 if it is not there. */
function heldBy (metric: PromMetric, key: string): number {
  // Private, but there is no other way to one series without reading all.
  const { hashMap } = metric as { readonly hashMap?: Readonly<Record<string, HeldSeries | undefined>> }
  const series = hashMap?.[key]
  return series?.sum ?? series?.value ?? 0
}
