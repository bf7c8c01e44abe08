import type { ParsedFamily, ParsedSample } from '../fixtures/exposition/parse.js'
import { keyOf } from './keys.js'

/** Labels with more values than `maxSeries`. When a worker ends, its series may be added to the overflow series. */
const UNBOUNDED_LABELS = ['agent', 'value']

/**
 * The samples of an exposition that must never decrease, by their keys: counters, and the buckets, sums and counts of
 * histograms, of all processes together. Series that differ only in an unbounded label are added up.
 */
export function readCounters (families: readonly ParsedFamily[]): Map<string, number> {
  const counters = new Map<string, number>()
  for (const { name, type, samples } of families) {
    if (type !== 'counter' && type !== 'histogram' && type !== 'summary') continue
    for (const sample of samples) {
      const isQuantile = type === 'summary' && sample.name === name
      // The next process with the same `worker` begins at 0.
      if (isQuantile || sample.labels.has('worker')) continue
      addSample(counters, sample)
    }
  }
  return counters
}

function addSample (counters: Map<string, number>, { name, labels, value }: ParsedSample): void {
  const isUnbounded = UNBOUNDED_LABELS.some(label => labels.has(label))
  // The order in which fractions are added changes the last digit.
  if (isUnbounded && name.endsWith('_sum')) return
  const kept = [...labels].filter(([label]) => !UNBOUNDED_LABELS.includes(label))
    // `1` in the text format, `1.0` in OpenMetrics.
    .map(([label, text]) => [label, label === 'le' ? String(Number(text.replace('Inf', 'Infinity'))) : text])
  const key = keyOf(name, Object.fromEntries(kept))
  counters.set(key, (counters.get(key) ?? 0) + value)
}

/** The highest value of each counter in all scrapes that have ended. */
export class HighestCounters {
  #values: ReadonlyMap<string, number> = new Map()

  /** The values so far; a later scrape does not change them. */
  get values (): ReadonlyMap<string, number> {
    return this.#values
  }

  raise (counters: ReadonlyMap<string, number>): void {
    const values = new Map(this.#values)
    for (const [key, value] of counters) values.set(key, Math.max(value, values.get(key) ?? value))
    this.#values = values
  }
}

/** Lists the counters that are lower than before, or are missing. */
export function findDecreases (before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): string[] {
  return [...before].flatMap(([key, value]) => {
    const current = now.get(key)
    return current !== undefined && current >= value ? [] : [`${key} was ${value} and is ${current ?? 'missing'}`]
  })
}
