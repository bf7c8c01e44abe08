import { isDeepStrictEqual } from 'node:util'
import type { Counter, Gauge, Histogram } from 'prom-client'
import { labelText } from '../series/label-value.js'
import { setToZero } from '../registry/start-from-zero.js'
import type { SeriesLabels, SeriesSet } from './series.js'

type Remove = (...args: readonly unknown[]) => void

/**
 * Makes `metric.remove()` free the place of the series that goes. A series of listed values only goes to 0 and stays.
 * For wrong labels prom-client's errors remain.
 */
export function freeOnRemove (metric: Counter | Gauge | Histogram, names: readonly string[], series: SeriesSet): void {
  const remove = metric.remove.bind(metric) as Remove
  metric.remove = (...args: readonly unknown[]) => {
    const labels = textsOf(names, args)
    const holder = labels === null ? undefined : series.at(labels)
    // Written without the handle, the overflow series, or none: it has no place.
    if (holder === undefined) remove(...args)
    if (holder === undefined || !isDeepStrictEqual(holder.labels, labels)) return
    // First these, since it throws for wrong ones. A series that was written without the handle may also have them, and
    // be the same in UTF-8.
    remove(...args)
    remove(holder.labels)
    if (!series.free(holder)) setToZero(metric, holder.labels)
  }
}

/** The labels that prom-client reads from these arguments, as texts; `null` where one is too long for a series. */
function textsOf (names: readonly string[], args: readonly unknown[]): SeriesLabels | null {
  const [first] = args
  const given = first as Readonly<Record<string, unknown>> | null
  const texts: Record<string, string> = {}
  for (const [i, name] of names.entries()) {
    const value = typeof first === 'object' ? given?.[name] : args[i]
    if (value === undefined) continue
    const text = labelText(value)
    if (text === null) return null
    texts[name] = text
  }
  return texts
}
