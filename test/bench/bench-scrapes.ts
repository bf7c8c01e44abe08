import { startChild } from './child.js'
import type { Child } from './child.js'
import { DYNOAI_METRICS, PROM_CLIENT } from './names.js'
import type { BlockResult, ManySeriesResult, ScrapeResult } from './results.js'
import { interleave } from './rounds.js'
import type { ScrapeCost, ScrapeTargetReady } from './scrape-process.js'
import { medianOf, medianRatio, summarise } from './statistics.js'

/** The compared scrape targets. */
export const SCRAPE_TARGETS = [DYNOAI_METRICS, PROM_CLIENT] as const
/** Number of series of the compared scrape targets. */
export const SERIES = 10_000
const SCRAPE_ROUNDS = 20
const MANY_SERIES = 100_000
const MANY_SCRAPES = 100

/** Returns one field of all costs. */
export const fieldOf = (costs: readonly ScrapeCost[], field: keyof ScrapeCost): number[] =>
  costs.map(cost => cost[field])

/** Summarises the longest blocks of several scrapes. */
export function blockResult (costs: readonly ScrapeCost[]): BlockResult {
  const blocks = fieldOf(costs, 'block')
  return { median: medianOf(blocks), max: Math.max(...blocks) }
}

/** Measures scrapes of 10,000 series. */
export async function benchScrapes (): Promise<ScrapeResult[]> {
  const children: Array<Child<ScrapeTargetReady, ScrapeCost>> = []
  for (const name of SCRAPE_TARGETS) children.push(await startChild('scrape-process.js', [name, SERIES], []))
  const results = await interleave(SCRAPE_ROUNDS, children.map(child => child.request))
  await Promise.all(children.map(child => child.close()))
  const allocatedBytes = children.map(child => child.ready.allocatedBytes)
  const dynoaiIndex = SCRAPE_TARGETS.indexOf(DYNOAI_METRICS)
  const dynoaiCosts = results[dynoaiIndex] ?? []
  const dynoaiBytes = allocatedBytes[dynoaiIndex] ?? NaN
  return SCRAPE_TARGETS.map((name, i) => {
    const costs = results[i] ?? []
    const bytes = allocatedBytes[i] ?? NaN
    const ratioOf = (field: keyof ScrapeCost): number =>
      medianRatio(fieldOf(dynoaiCosts, field), fieldOf(costs, field))
    const isDynoai = i === dynoaiIndex
    return {
      name,
      milliseconds: summarise(fieldOf(costs, 'milliseconds')),
      block: summarise(fieldOf(costs, 'block')),
      maxBlock: isDynoai ? blockResult(costs).max : undefined,
      allocatedBytes: bytes,
      exposedBytes: medianOf(fieldOf(costs, 'exposedBytes')),
      ratios: isDynoai
        ? undefined
        : { milliseconds: ratioOf('milliseconds'), block: ratioOf('block'), allocatedBytes: dynoaiBytes / bytes }
    }
  })
}

/** Measures scrapes of 100,000 series of dynoai-metrics. */
export async function benchManySeries (): Promise<ManySeriesResult> {
  const child = await startChild<object, ScrapeCost>('scrape-process.js', [DYNOAI_METRICS, MANY_SERIES], [])
  // Each round scrapes twice.
  const [costs = []] = await interleave(MANY_SCRAPES / 2, [child.request])
  await child.close()
  const resident = fieldOf(costs, 'residentBytes')
  return {
    scrapes: 2 * costs.length,
    milliseconds: medianOf(fieldOf(costs, 'milliseconds')),
    block: blockResult(costs),
    exposedBytes: medianOf(fieldOf(costs, 'exposedBytes')),
    residentBytes: [resident[0], resident[Math.floor(costs.length / 2)], resident.at(-1)].map(bytes => bytes ?? NaN)
  }
}
