import { formatNumber } from './format.js'
import type { Format } from './format.js'

const TYPES: readonly string[] = ['counter', 'gauge', 'histogram', 'summary']

/** Prometheus text 0.0.4. */
export const prometheusText: Format = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  head: ({ name, help, type }) => {
    const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    return `# HELP ${name} ${escaped}\n# TYPE ${name} ${TYPES.includes(type) ? type : 'untyped'}\n`
  },
  bound: formatNumber,
  mayHaveExemplars: () => false,
  exemplar: () => '',
  end: ''
}
