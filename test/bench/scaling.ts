import type { MarkedFile } from './marked-block.js'
import { formatMachine } from './report.js'
import { growthTable } from './report-processes.js'
import type { Results } from './results.js'

/** Where the guide shows how scrapes grow. */
export const SCALING: MarkedFile = {
  file: 'docs/scaling.md', begin: '<!-- scaling:start -->', end: '<!-- scaling:end -->'
}

/** Formats how scrapes grow with processes and series, with the markers around it. */
export function scalingBlock ({ environment, processes: { growth } }: Results): string {
  return [
    SCALING.begin,
    growthTable(growth),
    `Measured over HTTP without compression, on ${formatMachine(environment)}, with Node ${environment.node}.`,
    SCALING.end
  ].join('\n\n')
}
