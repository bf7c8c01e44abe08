import { formatRatio, percent, summary, table } from './markdown.js'
import type { GrowthResult, HookResult, LoadResult, Outcome, PipelinedResult, SamplerResult } from './results.js'

export function reportHooks (hooks: readonly HookResult[]): string {
  const head = ['setup', 'ns per request', 'spread', 'bytes per request', 'ratio']
  return `## Hooks

Time and allocated memory of the hooks of a setup per request, without Fastify. All times include the loop that calls
the hooks; \`bare\` is the loop alone.

${table(head, hooks.map(({ name, nanoseconds: { median, spread }, bytes, ratio }) => [
  name, median.toFixed(0), percent(spread), bytes.toFixed(0), formatRatio(ratio)
]))}`
}

export function reportLoad (load: readonly LoadResult[]): string {
  const head = ['setup', 'µs per request', 'spread', 'ratio to bare Fastify']
  return `## Server under load

CPU time of the server process per request. The route is small; the client uses 20 keep-alive connections over loopback.

${table(head, load.map(({ name, microseconds: { median, spread }, ratioToBare }) => [
  name, median.toFixed(2), percent(spread), ratioToBare.toFixed(3)
]))}`
}

export function reportGrowth (growth: readonly GrowthResult[]): string {
  const names = [...new Set(growth.map(({ name }) => name))]
  const sizes = [...new Set(growth.map(({ routes, series }) => `${routes} ${series}`))]
  const cell = (name: string, size: string): string => {
    const result = growth.find(result => result.name === name && `${result.routes} ${result.series}` === size)
    if (result === undefined) return ''
    const { nanoseconds, bytesPerSeries } = result
    return summary(nanoseconds, 0) + (bytesPerSeries === undefined ? '' : `, ${bytesPerSeries.toFixed(0)} B`)
  }
  const rows = sizes.map(size => [...size.split(' '), ...names.map(name => cell(name, size))])
  return `## Growing numbers of routes and series

Time of the hooks in nanoseconds per request. The requests jump between all routes and status codes. Where a cell has
bytes, they are the memory of one series with its labels. In dynoai-metrics the work per request is constant; its time
grows because more memory accesses miss the CPU caches.

${table(['routes', 'series', ...names], rows)}`
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  complete: 'all get a response', drop: 'the client disconnects'
}

export function reportPipelined (pipelined: readonly PipelinedResult[]): string {
  const head = [
    'requests', 'outcome', 'bare, µs per request', 'dynoai-metrics, µs per request', 'ratio to bare Fastify'
  ]
  return `## Pipelined requests on one connection

CPU time of the server process per request. The client sends all requests at once over one connection. The handler waits
until all have arrived. Then either all get a response, or the first does and the client disconnects. V8's default heap.

${table(head, pipelined.map(({ count, outcome, bare, dynoaiMetrics, ratioToBare }) => [
  count, OUTCOMES[outcome], summary(bare, 2), summary(dynoaiMetrics, 2), ratioToBare.toFixed(3)
]))}`
}

export function reportSampler (sampler: SamplerResult): string {
  return `## Event-loop delay sampler

CPU time of an idle process in percent of one core, with and without the timer that samples the event-loop delay every
20 ms. Both processes run all the time; each round measures one after the other.

${table(['', '% of a core'], [
  ['without', sampler.without.toFixed(3)],
  ['with', sampler.with.toFixed(3)],
  ['difference', sampler.difference.toFixed(3)]
])}`
}
