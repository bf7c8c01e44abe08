import { startChild } from './child.js'
import type { Child } from './child.js'
import type { Cost } from './hooks.js'
import { BARE, DYNOAI_METRICS, FASTIFY_METRICS_HISTOGRAM, PROM_CLIENT_HOOK } from './names.js'
import type { GrowthResult, HookResult } from './results.js'
import { interleave } from './rounds.js'
import { SETUP_NAMES } from './setups.js'
import { medianOf, medianRatio, summarise } from './statistics.js'

const HOOK_ROUNDS = 60
const GROWTH_ROUNDS = 15
/** Numbers of routes, and numbers of status codes per route. */
const GROWTH = [
  [1, 1], [10, 1], [100, 1], [1000, 1], [10_000, 1], [1, 10], [10, 10], [100, 10], [1000, 10], [10_000, 10]
] as const
const GROWTH_SETUPS = [DYNOAI_METRICS, FASTIFY_METRICS_HISTOGRAM, PROM_CLIENT_HOOK] as const

const timesOf = (costs: readonly Cost[] = []): number[] => costs.map(({ nanoseconds }) => nanoseconds)

/** Measures the hooks of all setups. */
export async function benchHooks (): Promise<HookResult[]> {
  const start = async (name: string) => await startChild<object, Cost>('hooks-process.js', [name, 1, 1])
  const children = await Promise.all(SETUP_NAMES.map(start))
  const results = await interleave(HOOK_ROUNDS, children.map(child => child.request))
  await Promise.all(children.map(child => child.close()))
  const dynoaiTimes = timesOf(results[SETUP_NAMES.indexOf(DYNOAI_METRICS)])
  return SETUP_NAMES.map((name, i) => {
    const costs = results[i] ?? []
    return {
      name,
      nanoseconds: summarise(timesOf(costs)),
      bytes: medianOf(costs.map(({ bytes }) => bytes)),
      ratio: name === DYNOAI_METRICS || name === BARE ? undefined : medianRatio(dynoaiTimes, timesOf(costs))
    }
  })
}

/** Measures the hooks of some setups with growing numbers of routes and series. */
export async function benchGrowth (): Promise<GrowthResult[]> {
  const cases = GROWTH.flatMap(([routes, statuses]) => GROWTH_SETUPS.map(name => ({ name, routes, statuses })))
  const children: Array<Child<{ bytesPerSeries: number }, Cost>> = []
  for (const { name, routes, statuses } of cases) {
    children.push(await startChild('hooks-process.js', [name, routes, statuses]))
  }
  const results = await interleave(GROWTH_ROUNDS, children.map(child => child.request))
  await Promise.all(children.map(child => child.close()))
  return cases.map(({ name, routes, statuses }, i) => {
    const series = routes * statuses
    // The memory of everything else hides that of few series.
    const isMeasurable = series >= 10_000 && series > routes
    const bytesPerSeries = isMeasurable ? children[i]?.ready.bytesPerSeries : undefined
    return { name, routes, series, nanoseconds: summarise(timesOf(results[i])), bytesPerSeries }
  })
}
