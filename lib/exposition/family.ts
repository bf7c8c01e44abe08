import { errors, received } from '../errors.js'
import { isObject } from '../is-object.js'
import type { Exemplar, FamilyHead } from './format.js'

/** One sample as a registry's metric gives it. */
export interface Row {
  readonly labels?: Readonly<Record<string, unknown>>
  readonly value: number
  /** The sample's name where it is not the family's. */
  readonly metricName?: string
  readonly exemplar?: Exemplar | null
}

/** A metric as it stood when it was collected. */
export interface Family extends FamilyHead {
  readonly rows: readonly Row[]
}

// Wider than what this package lets an application declare: these are what Prometheus accepts.
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** Whether a value can be the name of a metric or a sample. */
function isName (value: unknown): value is string {
  return typeof value === 'string' && METRIC_NAME.test(value)
}

/** Whether all keys are names of labels, and all values can be turned into text. */
function areLabels (labels: unknown, known: Set<string>): labels is Readonly<Record<string, unknown>> {
  if (!isObject(labels)) return false
  for (const name of Object.keys(labels)) {
    if (!known.has(name)) {
      if (!LABEL_NAME.test(name)) return false
      known.add(name)
    }
    // Throws for an object that has no text, before anything of its family is written.
    if (typeof labels[name] === 'object' || typeof labels[name] === 'function') String(labels[name])
  }
  return true
}

/**
 * What a metric's `get()` gave, checked, so that nothing of it can break the exposition of the others.
 * @throws DYNOAI_METRICS_ERR_COLLECT
 */
export function checkFamily (name: string, given: unknown): Family {
  const reject = (problem: string, value: unknown) => new errors.ERR_COLLECT(name, problem, received(value))
  if (!isName(name)) throw reject('its name is none', name)
  if (!isObject(given)) throw reject('it must give an object', given)
  const { help, type, values = [] } = given
  if (!Array.isArray(values)) throw reject('its values must be an array', values)

  const known = new Set<string>()
  for (const row of values as unknown[]) {
    if (!isObject(row)) throw reject('a sample must be an object', row)
    if (typeof row['value'] !== 'number') throw reject('the value of a sample must be a number', row['value'])
    if (row['metricName'] !== undefined && !isName(row['metricName'])) throw reject('a sample has a name that is none', row['metricName'])
    if (row['labels'] !== undefined && !areLabels(row['labels'], known)) throw reject('a sample has labels that are none', row['labels'])
    if (isObject(row['exemplar']) && !isExemplar(row['exemplar'], known)) throw reject('a sample has an exemplar that is none', row['exemplar'])
  }
  return { name, help: String(help ?? ''), type: String(type), rows: values as unknown as readonly Row[] }
}

function isExemplar ({ labelSet = {}, value, timestamp = 0 }: Readonly<Record<string, unknown>>, known: Set<string>): boolean {
  return areLabels(labelSet, known) && typeof value === 'number' && typeof timestamp === 'number'
}
