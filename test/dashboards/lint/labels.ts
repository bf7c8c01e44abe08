import { metricOf } from '../../../dashboards/src/metrics.js'
import type { Matcher } from './parse.js'

/** Labels that Prometheus adds to every series of a target. */
const TARGET_LABELS = ['job', 'instance']

// The possible values of labels whose values lib does not list.
const VALUES: Readonly<Record<string, readonly string[]>> = {
  status: [...Array.from({ length: 500 }, (_, i) => String(100 + i)), '1xx', '2xx', '3xx', '4xx', '5xx'],
  method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', '_OTHER']
}

/** Returns every label of a series. */
export function labelsOf (series: string): string[] {
  const { labels, isRecorded } = metricOf(series)
  if (isRecorded) return [...series.startsWith('instance:') ? TARGET_LABELS : ['job'], ...Object.keys(labels)]
  return [...TARGET_LABELS, ...Object.keys(labels), ...series.endsWith('_bucket') ? ['le'] : []]
}

/** Whether a matcher matches a value. */
export function isMatch ({ operator, value: operand }: Omit<Matcher, 'label'>, value: string): boolean {
  const isSame = operator.endsWith('~') ? new RegExp(`^(?:${operand})$`).test(value) : operand === value
  return isSame !== operator.startsWith('!')
}

/** Reports the values of a matcher that its label cannot have. Each alternative of a regular expression is checked. */
export function unknownValues (series: string, { label, operator, value }: Matcher): string[] {
  const listed = metricOf(series).labels[label]
  const values = listed?.length === 0 ? VALUES[label] : listed
  if (values === undefined || value.startsWith('$')) return []
  const positive = operator.replace('!', '=')
  const alternatives = operator.endsWith('~') ? value.split('|') : [value]
  return alternatives
    .filter(alternative => !values.some(known => isMatch({ operator: positive, value: alternative }, known)))
    .map(alternative => `${label} of ${series} cannot be ${alternative}`)
}
