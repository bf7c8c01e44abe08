import { startChild } from './child.js'
import type { SamplerResult } from './results.js'
import { interleave } from './rounds.js'
import { medianOf } from './statistics.js'

/** CPU time of an idle process, as a share of one core. */
export interface IdleCost {
  readonly share: number
}

// One idle minute with the event-loop delay sampler, and one without it.
const ROUNDS = 3
const SECONDS = 20

/** Measures an idle process with the event-loop delay sampler and one without it. */
export async function benchSampler (): Promise<SamplerResult> {
  const start = async (sampler: string) => {
    return await startChild<object, IdleCost>('sampler-process.js', [sampler, SECONDS], [])
  }
  const children = await Promise.all([start('with'), start('without')])
  const results = await interleave(ROUNDS, children.map(child => child.request))
  await Promise.all(children.map(child => child.close()))
  const [withSampler = [], without = []] = results.map(costs => costs.map(({ share }) => 100 * share))
  return {
    without: medianOf(without),
    with: medianOf(withSampler),
    difference: medianOf(withSampler.map((percent, i) => percent - (without[i] ?? NaN)))
  }
}
