import { formatRatio, megabytes, summary, table } from './markdown.js'
import type { ProcessesGrowthResult, ProcessesResult } from './results.js'

/** Formats the results of services with several processes. */
export function reportProcesses ({ scrapes, stopped, writing, memory, growth }: ProcessesResult): string {
  const head = ['', 'ms', 'ratio', 'longest block, ms', 'ratio', 'MB exposed']
  const rows = scrapes.map(({ name, milliseconds, block, exposedBytes, ratios }) => [
    name,
    summary(milliseconds, 1), formatRatio(ratios?.milliseconds),
    summary(block, 2), formatRatio(ratios?.block),
    megabytes(exposedBytes, 1)
  ])
  return `## Several processes, one scrape

One scrape over HTTP, without compression, of histograms with 14 buckets. All processes have the same labels. The
longest block is the longest time for which the event loop of the process that responds was blocked: with prom-client
that of the primary. The ratios are the results of the first row divided by those of the row.

${table(head, rows)}

| 8 processes of 5,000 series | |
| --- | ---: |
| ms of a scrape while all processes run | ${summary(stopped.running, 1)} |
| ms of a scrape while one is stopped (SIGSTOP) | ${summary(stopped.stopped, 1)} |
| ratio of both | ${stopped.ratio.toFixed(2)} |
| CPU time of a process that observes 5,000 values a second, % of a core | ${writing.alone.toFixed(3)} |
| the same while it also shares them with others | ${writing.shared.toFixed(3)} |
| difference | ${writing.difference.toFixed(3)} |
| MB of 5,000 series, scraped, in a process alone | ${megabytes(memory.alone, 2)} |
| MB in a process that answers for all 8 | ${megabytes(memory.merged, 2)} |
| ratio of both | ${(memory.merged / memory.alone).toFixed(1)} |

### Growing numbers of processes and series

A scrape of a process that answers for all, with as many series in each, in milliseconds; in parentheses, the longest
block of its event loop. One process writes the files of all others.

${growthTable(growth)}`
}

/** A row for each number of series, a column for each number of processes. */
export function growthTable (growth: readonly ProcessesGrowthResult[]): string {
  const processes = [...new Set(growth.map(({ processes }) => processes))]
  const series = [...new Set(growth.map(({ series }) => series))]
  const head = [
    'series of each process', 'MB exposed', ...processes.map(count => count === 1 ? '1 process' : `${count} processes`)
  ]
  return table(head, series.map(series => {
    const results = growth.filter(result => result.series === series)
    return [
      series.toLocaleString('en'),
      megabytes(results[0]?.exposedBytes ?? NaN, 1),
      ...results.map(({ milliseconds, block }) => `${formatNumber(milliseconds)} (${formatNumber(block)})`)
    ]
  }))
}

const formatNumber = (number: number): string => number.toFixed(number < 10 ? 1 : 0)
