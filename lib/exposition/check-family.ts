import { errors, received } from '../errors.js'
import { isObject } from '../util/is-object.js'
import { samplesCheck } from './check-samples.js'
import type { Scheduler } from './scheduler.js'
import type { Exemplar, FamilyHead, Row } from './format.js'
import { copySampleLabels } from './sample-labels.js'
import { BOUND_LABELS, withDefaults } from './rows.js'
import { parseBound } from './sample-rules.js'
import type { Reject } from '../util/reject.js'
import type { UncheckedLabels } from '../series/label-value.js'

/** A metric as it stood when it was collected: a copy, of which nothing can change any more. */
export interface CollectedFamily extends FamilyHead {
  readonly rows: readonly Row[]
}

/** What a metric is checked with. */
export interface CheckOptions {
  readonly scheduler: Scheduler
  /** Put on every sample that has no own label of that name. */
  readonly defaultLabels?: UncheckedLabels
  /** Called once if a series has more than one sample; the first is kept. */
  readonly onDuplicate?: (err: unknown) => void
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
/** An array that claims to be longer is taken for a wrong one, that could fill the memory. */
const MAX_ROWS = 2_000_000
/** Characters of a help text. */
const MAX_HELP = 2 ** 20

/** What the check of a row counts as work of a scrape, in bytes: it takes much less than to write one. */
const ROW_CHECK_BYTES = 16

/** Whether a value can be the name of a metric or a sample. */
function isName (value: unknown): value is string {
  return typeof value === 'string' && METRIC_NAME.test(value)
}

/**
 * A copy of what a metric's `get()` gave, checked, so that nothing of it can break the exposition of the others. Each
 * of its properties is read once: a getter may give another value, or throw, the next time.
 * @throws DYNOAI_METRICS_ERR_COLLECT
 */
export async function checkFamily (name: string, given: unknown, options: CheckOptions): Promise<CollectedFamily> {
  const { scheduler, defaultLabels = {}, onDuplicate = () => {} } = options
  const reject: Reject = (problem, value) => new errors.ERR_COLLECT(name, problem, received(value))
  if (!isName(name)) throw reject('its name is not valid', name)
  if (!isObject(given)) throw reject('it must give an object', given)
  const { help, type, values = [] } = given
  if (!Array.isArray(values)) throw reject('its values must be an array', values)
  const { length } = values
  if (!(length <= MAX_ROWS)) throw reject(`it may have at most ${MAX_ROWS} samples`, length)
  const head = { name, help: String(help ?? ''), type: String(type) }
  if (head.help.length > MAX_HELP) throw reject(`its help may have at most ${MAX_HELP} characters`, head.help)

  const reader = new RowReader(head, defaultLabels, reject)
  const check = samplesCheck(name, head.type, reject)
  const rows: Row[] = []
  let duplicate: UncheckedLabels | undefined
  for (let i = 0; i < length; i++) {
    const row = reader.read(values[i])
    if (check.accepts(row)) rows.push(row)
    else duplicate ??= row.labels
    scheduler.addWork(ROW_CHECK_BYTES)
    if (scheduler.isSliceOver) await scheduler.yieldTurn()
  }
  check.finish()
  if (duplicate !== undefined) {
    onDuplicate(reject('a series has more than one sample, of which the first is kept', duplicate))
  }
  return { ...head, rows }
}

/** Makes checked copies of the samples of one family. */
class RowReader {
  readonly #boundLabel: string | undefined
  readonly #defaultLabels: UncheckedLabels
  readonly #hasDefaults: boolean
  readonly #reject: Reject
  readonly #checkedNames = new Set<string>()

  constructor ({ type }: FamilyHead, defaultLabels: UncheckedLabels, reject: Reject) {
    this.#boundLabel = BOUND_LABELS.get(type)
    this.#defaultLabels = defaultLabels
    this.#hasDefaults = Object.keys(defaultLabels).length > 0
    this.#reject = reject
  }

  read (given: unknown): Row {
    if (!isObject(given)) throw this.#reject('a sample must be an object', given)
    const { value, metricName, exemplar, labels } = given
    if (typeof value !== 'number') throw this.#reject('the value of a sample must be a number', value)
    if (metricName !== undefined && !isName(metricName)) {
      throw this.#reject('a sample has a name that is not valid', metricName)
    }
    return { labels: this.#readLabels(labels), value, metricName, exemplar: this.#readExemplar(exemplar) }
  }

  #readLabels (given: unknown): UncheckedLabels {
    const sampleLabels = copySampleLabels(given ?? {}, this.#checkedNames, this.#reject)
    const labels = this.#hasDefaults ? withDefaults(sampleLabels, this.#defaultLabels) : sampleLabels
    const boundLabel = this.#boundLabel
    if (boundLabel === undefined || typeof labels[boundLabel] !== 'string') return labels
    return { ...labels, [boundLabel]: parseBound(labels[boundLabel]) } // so that it is written as the format writes bounds
  }

  #readExemplar (given: unknown): Exemplar | undefined {
    if (given === undefined || given === null) return undefined
    const reject: Reject = (_problem, value) => this.#reject('a sample has an exemplar that is not valid', value)
    if (!isObject(given)) throw reject('', given)
    const { labelSet = {}, value, timestamp } = given
    if (typeof value !== 'number') throw reject('', value)
    const labels = copySampleLabels(labelSet, this.#checkedNames, reject)
    if (timestamp === undefined) return { labelSet: labels, value }
    if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) throw reject('', timestamp)
    return { labelSet: labels, value, timestamp }
  }
}
