import { reportBusiness } from './report-business.js'
import { reportProcesses } from './report-processes.js'
import { reportGrowth, reportHooks, reportLoad, reportPipelined, reportSampler } from './report-requests.js'
import { reportLatency, reportManySeries, reportScrapes, reportTurns } from './report-scrapes.js'
import type { Environment, PartialResults } from './results.js'

/** Formats the results of the measured sections as Markdown. */
export function report (results: PartialResults): string {
  const { environment, hooks, load, growth, pipelined, sampler } = results
  const { scrapes, manySeries, latency, turns, business, processes } = results
  const sections = [
    hooks && reportHooks(hooks),
    load && reportLoad(load),
    growth && reportGrowth(growth),
    scrapes && reportScrapes(scrapes),
    manySeries && reportManySeries(manySeries, scrapes),
    latency && reportLatency(latency),
    pipelined && reportPipelined(pipelined),
    sampler && reportSampler(sampler),
    turns && reportTurns(turns),
    business && reportBusiness(business, environment),
    processes && reportProcesses(processes)
  ]
  return [reportHead(environment), ...sections.filter(section => section !== undefined)].join('\n\n') + '\n'
}

const reportHead = (environment: Environment): string => `# Benchmark

\`npm run bench\` writes this file. All numbers of a section are from one run. Each setup runs in its own process, and
each round measures all setups one after another. The tables show the medians of the rounds, with the spread: half the
distance between the quartiles, as a percentage of the median. Absolute numbers depend on the machine; ratios are
comparable between machines.

A ratio is the median of the ratios within each round. Unless its column says otherwise, it is the result of
dynoai-metrics divided by the result of the other setup: 1/15 means that dynoai-metrics takes a fifteenth.

- Machine: ${formatMachine(environment)}
- Versions: ${formatVersions(environment)}`

/** Formats the machine, such as `AMD EPYC, 2 cores, 24 GiB`. */
export const formatMachine = ({ cpu, cores, memoryGiB }: Environment): string =>
  `${cpu}, ${cores} cores, ${memoryGiB} GiB`

/** Formats the versions of Node and of the packages. */
export const formatVersions = ({ node, packages }: Environment): string =>
  [`Node ${node}`, ...Object.entries(packages).map(([name, version]) => `${name} ${version}`)].join(', ')
