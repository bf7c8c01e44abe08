import { parseArgs } from 'node:util'

/**
 * Where the runbook is, before the `#` of a section. Whoever loads the committed rules sets it once, as the external
 * label `runbook_base` of Prometheus. Otherwise it is a path in this repository.
 */
export const DEFAULT_RUNBOOK_BASE =
  '{{ with $externalLabels.runbook_base }}{{ . }}{{ else }}dashboards/RUNBOOK.md{{ end }}'

/**
 * Reads the argument `--runbook-base`, the address of the runbook.
 * @throws if it is not an address with http or https, or if there are other arguments
 */
export function readRunbookBase (args: readonly string[]): string {
  const { values } = parseArgs({ args: [...args], options: { 'runbook-base': { type: 'string' } } })
  const base = values['runbook-base']
  if (base === undefined) return DEFAULT_RUNBOOK_BASE
  if (!/^https?:\/\/[^#\s']+$/.test(base)) {
    throw new Error(`--runbook-base must be an address with http or https, without #. Received: '${base}'`)
  }
  return base
}
