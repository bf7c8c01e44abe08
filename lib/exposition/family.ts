import { errors, received } from '../errors.js'
import { isObject } from '../is-object.js'
import type { Exemplar, FamilyHead } from './format.js'
import { Slice } from './slice.js'

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
// Less the one that would be the name of the sample.
const LABEL_NAME = /^(?!__name__$)[a-zA-Z_][a-zA-Z0-9_]*$/

/** Whether a value can be the name of a metric or a sample. */
function isName (value: unknown): value is string {
  return typeof value === 'string' && METRIC_NAME.test(value)
}

/**
 * The labels, if their names are valid and their values have a text. An object among the values is replaced by its text,
 * since it may give another one, or none, the next time.
 */
function readLabels (labels: unknown, known: Set<string>): Readonly<Record<string, unknown>> | null {
  if (!isObject(labels)) return null
  let read: Record<string, unknown> = labels
  for (const [name, value] of Object.entries(labels)) {
    if (!known.has(name)) {
      if (!LABEL_NAME.test(name)) return null
      known.add(name)
    }
    if (typeof value === 'object' || typeof value === 'function') read = { ...read, [name]: String(value) }
  }
  return read
}

/**
 * What a metric's `get()` gave, checked, so that nothing of it can break the exposition of the others.
 * @throws DYNOAI_METRICS_ERR_COLLECT
 */
export async function checkFamily (name: string, given: unknown): Promise<Family> {
  const reject = (problem: string, value: unknown) => new errors.ERR_COLLECT(name, problem, received(value))
  if (!isName(name)) throw reject('its name is not valid', name)
  if (!isObject(given)) throw reject('it must give an object', given)
  const { help, type, values = [] } = given
  if (!Array.isArray(values)) throw reject('its values must be an array', values)

  const known = new Set<string>()
  const rows: Row[] = []
  const slice = new Slice()
  for (const row of values as unknown[]) {
    if (!isObject(row)) throw reject('a sample must be an object', row)
    if (typeof row['value'] !== 'number') throw reject('the value of a sample must be a number', row['value'])
    if (row['metricName'] !== undefined && !isName(row['metricName'])) throw reject('a sample has a name that is not valid', row['metricName'])
    const labels = readLabels(row['labels'] ?? {}, known)
    if (labels === null) throw reject('a sample has labels that are not valid', row['labels'])
    if (isObject(row['exemplar']) && !isExemplar(row['exemplar'], known)) throw reject('a sample has an exemplar that is not valid', row['exemplar'])
    rows.push((labels === row['labels'] ? row : { ...row, labels }) as unknown as Row)
    if (slice.isOver) await slice.next()
  }
  return { name, help: String(help ?? ''), type: String(type), rows }
}

/**
 * The default labels of a registry, checked as those of a sample.
 * @throws DYNOAI_METRICS_ERR_COLLECT
 */
export function checkDefaultLabels (labels: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const read = readLabels(labels, new Set())
  if (read === null) throw new errors.ERR_COLLECT('default labels', 'they are not valid', received(labels))
  return read
}

function isExemplar ({ labelSet = {}, value, timestamp = 0 }: Readonly<Record<string, unknown>>, known: Set<string>): boolean {
  return readLabels(labelSet, known) !== null && typeof value === 'number' && Number.isFinite(timestamp)
}
