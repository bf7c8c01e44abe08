import { formatRatio, megabytes, summary, table } from './markdown.js'
import { DYNOAI_METRICS } from './names.js'
import type { LatencyResult, ManySeriesResult, ScrapeResult, TurnsResult } from './results.js'

export function reportScrapes (scrapes: readonly ScrapeResult[]): string {
  const head = ['', 'ms', 'ratio', 'longest block, ms', 'ratio', 'MB allocated', 'ratio', 'MB exposed']
  const rows = scrapes.map(({ name, milliseconds, block, allocatedBytes, exposedBytes, ratios }) => [
    name,
    summary(milliseconds, 1), formatRatio(ratios?.milliseconds),
    summary(block, 2), formatRatio(ratios?.block),
    megabytes(allocatedBytes, 2), formatRatio(ratios?.allocatedBytes, 0),
    megabytes(exposedBytes, 1)
  ])
  return `## Scrape of 10,000 series

One scrape of a histogram with 10,000 series and 14 buckets, without HTTP. prom-client runs \`registry.metrics()\`.
dynoai-metrics writes to a reader that accepts every chunk at once. The longest block is the longest time for which the
event loop was blocked. V8 samples the allocated memory of one scrape, including memory that is freed during the
scrape. V8's default heap.

${table(head, rows)}`
}

/** The rows about 10,000 series need the results of `scrapes`. */
export function reportManySeries (manySeries: ManySeriesResult, scrapes: readonly ScrapeResult[] = []): string {
  const fewSeries = scrapes.find(({ name }) => name === DYNOAI_METRICS)
  const { milliseconds, exposedBytes, block, residentBytes } = manySeries
  const fewSeriesRow = (value: number | undefined): string[][] =>
    value === undefined ? [] : [['the same with 10,000 series', value.toFixed(2)]]
  const rows = [
    ['ms', milliseconds.toFixed(0)],
    ['MB exposed', megabytes(exposedBytes, 0)],
    ['longest block, ms, median of the scrapes', block.median.toFixed(2)],
    ...fewSeriesRow(fewSeries?.block.median),
    ['longest block, ms, maximum of the scrapes', block.max.toFixed(2)],
    ...fewSeriesRow(fewSeries?.maxBlock),
    ['resident memory, MB: first round, middle, last round', residentBytes.map(bytes => megabytes(bytes, 0)).join(', ')]
  ]
  return `## Scrape of 100,000 series

dynoai-metrics only, ${manySeries.scrapes} scrapes after a warm-up. The longest blocks are V8's collections
of the young generation; rendering a slice takes less time.

${table(['', ''], rows)}`
}

export function reportLatency (latency: readonly LatencyResult[]): string {
  const head = ['', 'p99 without scrapes, ms', 'p99 during scrapes, ms', 'ratio of both']
  return `## Request latency during scrapes of 10,000 series

99th percentile of request latency. A client sends a request every 4 ms over loopback. During scrapes, a third process
scrapes the server once a second with gzip, as Prometheus does. prom-client does not compress its text. All three
processes share the cores of the machine.

${table(head, latency.map(({ name, alone, scraped, ratio }) => [
  name, summary(alone, 2), summary(scraped, 2), ratio.toFixed(2)
]))}`
}

export function reportTurns (results: readonly TurnsResult[]): string {
  const lengths = Object.keys(results[0]?.turns ?? {})
  const head = ['', 'MB of text', 'encoding', ...lengths.map(milliseconds => `turns of ${milliseconds} ms`)]
  return `## Scrapes on a busy event loop

Number of event-loop turns that one scrape takes until its last byte is passed to the operating system, while other work
blocks each turn for the given time. The scraper is another process. With prom-client, a handler sends the text.

${table(head, results.map(({ name, bytes, encoding, turns }) => [
  name, megabytes(bytes, 2), encoding, ...lengths.map(milliseconds => (turns[milliseconds] ?? NaN).toFixed(0))
]))}`
}
