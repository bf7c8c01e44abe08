import { metricOf } from '../../../dashboards/src/metrics.js'
import type { Matcher } from './parse.js'

/** What Prometheus puts on every series of a target. */
const TARGET_LABELS = ['job', 'instance']

// Labels whose values lib lists nowhere, or of which it says only that they are bounded.
const VALUES: Readonly<Record<string, readonly string[]>> = {
  status: [...Array.from({ length: 500 }, (_, i) => String(100 + i)), '1xx', '2xx', '3xx', '4xx', '5xx'],
  method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '_OTHER']
}

/** Every label that a series has. */
export function labelsOf (series: string): string[] {
  const { labels, recorded } = metricOf(series)
  if (recorded) return ['job']
  return [...TARGET_LABELS, ...Object.keys(labels), ...series.endsWith('_bucket') ? ['le'] : []]
}

/** Whether a matcher lets a value through. */
export function admits ({ operator, value: operand }: Omit<Matcher, 'label'>, value: string): boolean {
  const isSame = operator.endsWith('~') ? new RegExp(`^(?:${operand})$`).test(value) : operand === value
  return isSame !== operator.startsWith('!')
}

/** What a matcher says of a label with known values that is none of them; each alternative counts. */
export function wrongValues (series: string, { label, operator, value }: Matcher): string[] {
  const listed = metricOf(series).labels[label]
  const values = listed?.length === 0 ? VALUES[label] : listed
  if (values === undefined || value.startsWith('$')) return []
  const alternatives = operator.endsWith('~') ? value.split('|') : [value]
  return alternatives
    .filter(alternative => !values.some(known => admits({ operator: operator.replace('!', '='), value: alternative }, known)))
    .map(alternative => `${label} of ${series} is never ${alternative}`)
}
