import { formatRatio, megabytes, percent, table } from './markdown.js'
import { DYNOAI_METRICS, PROMETHEUS_IO_CLIENT } from './names.js'
import type {
  BusinessResult, BusinessScrapeResult, CallResult, Environment, MemoryResult, OperationResult
} from './results.js'

/** Formats the results of the calls, the memory and the scrapes of business metrics. */
export function reportBusiness (
  { calls, memory, scrapeRounds, scrapes }: BusinessResult, { node }: Environment
): string {
  const note = calls[0] === undefined || PROMETHEUS_IO_CLIENT in calls[0].clients
    ? ''
    : `\n${PROMETHEUS_IO_CLIENT} is left out: Node ${node} cannot load it.`
  return `## Business metric calls

Time and allocated memory of one call of \`fastify.metrics\`, and of the same call with other clients, for the same
series. Each call creates its labels as an object literal. The column 'empty method' is the same call of a method that
does nothing: it shows the cost of the loop and of the object literal. The times and ratios of the clients include this
cost; their bytes do not. A client without label defaults receives those labels in each call. A string that is sliced
from a URL is new in each call; the other strings are long-lived.${note}

${callsTable(calls)}

## Memory of business series

Bytes per series, with 50,000 series and two labels. The value of one label is different in each series. 'Written' is
measured after all series were written, 'scraped' after \`GET /metrics\` also sent them.
The histogram has 12 buckets.${note}

${memoryTable(memory)}

## Scrapes of business series

dynoai-metrics only, ${scrapeRounds} rounds, without HTTP, with V8's default heap.
The mixes of series are: requests only; requests (40 %), a business counter (30 %) and a business histogram (30 %); 20
business histograms. The longest block is the longest time for which the event loop was blocked.

${scrapesTable(scrapes)}`
}

function callsTable (calls: readonly CallResult[]): string {
  const clients = Object.keys(calls[0]?.clients ?? {})
  const clientHead = clients.flatMap(name => name === DYNOAI_METRICS ? [name] : [name, 'ratio'])
  return table(['call', 'empty method', ...clientHead], calls.map(({ call, emptyMethod, clients }) => {
    const cells = Object.values(clients).flatMap(({ ratio, ...operation }) => {
      return ratio === undefined ? [formatOperation(operation)] : [formatOperation(operation), formatRatio(ratio)]
    })
    return [call, formatOperation(emptyMethod), ...cells]
  }))
}

const formatOperation = ({ nanoseconds: { median, spread }, bytes }: OperationResult): string =>
  `${median.toFixed(0)} ns ${percent(spread)}, ${Math.round(bytes)} B`

function memoryTable (memory: readonly MemoryResult[]): string {
  const head = Object.keys(memory[0]?.clients ?? {}).flatMap(name => [`${name}, written`, 'scraped'])
  return table(['type', ...head], memory.map(({ type, clients }) => {
    const bytes = Object.values(clients).flatMap(({ written, scraped }) => [written, scraped])
    return [type, ...bytes.map(bytes => `${bytes.toFixed(0)} B`)]
  }))
}

function scrapesTable (scrapes: readonly BusinessScrapeResult[]): string {
  const head = ['series', 'mix', 'ms', 'MB exposed', 'longest block, ms, median', 'maximum']
  return table(head, scrapes.map(({ mix, series, milliseconds, exposedBytes, block }) => [
    series.toLocaleString('en'), mix, milliseconds.toFixed(1), megabytes(exposedBytes, 1),
    block.median.toFixed(2), block.max.toFixed(2)
  ]))
}
