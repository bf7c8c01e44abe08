import { errors, received } from '../errors.js'
import { AGGREGATORS } from '../series/gauge-family.js'
import type { Aggregator } from '../series/gauge-family.js'
import type { UncheckedLabels } from '../series/label-value.js'
import { isObject } from '../util/is-object.js'
import { readProperty } from '../util/read-property.js'
import type { Reject } from '../util/reject.js'
import { createSamplesCheck } from './check-samples.js'
import type { Exemplar, FamilyHead, Row } from './format.js'
import { BOUND_LABELS, withDefaults } from './rows.js'
import { copySampleLabels } from './sample-labels.js'
import { parseBound } from './sample-rules.js'
import type { SamplesCheck } from './sample-rules.js'
import type { Scheduler } from './scheduler.js'

/** A checked copy of what a metric returned when it was collected. Later changes of the metric do not affect it. */
export interface CollectedFamily extends FamilyHead {
  readonly rows: readonly Row[]
  /** How the samples of several processes become one. */
  readonly aggregator: Aggregator
}

/** How a metric is checked. */
export interface CheckOptions extends FamilyCheckOptions {
  readonly scheduler: Scheduler
}

export interface FamilyCheckOptions {
  /** Added to each sample that does not have a label of that name. @default {} */
  readonly defaultLabels?: UncheckedLabels
  /** Called once if a series has more than one sample. The first sample of the series is kept. */
  readonly onDuplicate?: (err: unknown) => void
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
/** Samples of one metric. An array that claims a greater length is rejected, since it could fill the memory. */
const MAX_ROWS = 2_000_000
/** Characters of a help text. */
const MAX_HELP = 2 ** 20

/** The work of checking a row, in bytes of written text. Checking a row takes much less time than writing it. */
const ROW_CHECK_BYTES = 16

function isName (value: unknown): value is string {
  return typeof value === 'string' && METRIC_NAME.test(value)
}

/**
 * Checks and copies the result of a metric's `get()`, so it cannot break the exposition of other metrics.
 * @throws DYNOAI_METRICS_ERR_COLLECT
 */
export async function checkFamily (name: string, result: unknown, options: CheckOptions): Promise<CollectedFamily> {
  const { scheduler } = options
  const check = new FamilyCheck(name, result, options)
  for (let i = 0; i < check.length; i++) {
    check.addSample(i)
    scheduler.addWork(ROW_CHECK_BYTES)
    if (scheduler.isSliceOver) await scheduler.yieldTurn()
  }
  return check.finish()
}

/**
 * The check of one result of a metric's `get()`: call `addSample` for each index below `length`, in ascending order,
 * and then `finish`. Each property is read once: a getter may return another value, or throw, the next time. The
 * constructor and both methods throw DYNOAI_METRICS_ERR_COLLECT.
 */
export class FamilyCheck {
  /** The number of samples. */
  readonly length: number
  readonly #head: FamilyHead
  readonly #aggregator: unknown
  readonly #values: readonly unknown[]
  readonly #reader: RowReader
  readonly #check: SamplesCheck
  readonly #reject: Reject
  readonly #onDuplicate: (err: unknown) => void
  readonly #rows: Row[] = []
  /** The labels of the first sample that is left out because its series has one already. */
  #duplicate: UncheckedLabels | undefined

  constructor (name: string, result: unknown, { defaultLabels = {}, onDuplicate = () => {} }: FamilyCheckOptions = {}) {
    const reject: Reject = (problem, value) => new errors.ERR_COLLECT(name, problem, received(value))
    if (!isName(name)) throw reject('its name is not valid', name)
    if (!isObject(result)) throw reject('its get() must return an object', result)
    const { help, type, values = [] } = result
    if (!Array.isArray(values)) throw reject('its values must be an array', values)
    const { length } = values
    if (!(length <= MAX_ROWS)) throw reject(`it may have at most ${MAX_ROWS} samples`, length)
    const head = { name, help: String(help ?? ''), type: String(type) }
    if (head.help.length > MAX_HELP) throw reject(`its help may have at most ${MAX_HELP} characters`, head.help)

    this.length = length
    this.#head = head
    this.#aggregator = readProperty(result, 'aggregator')
    this.#values = values
    this.#reader = new RowReader(head, defaultLabels, reject)
    this.#check = createSamplesCheck(name, head.type, reject)
    this.#reject = reject
    this.#onDuplicate = onDuplicate
  }

  addSample (index: number): void {
    const row = this.#reader.read(this.#values[index])
    if (this.#check.accepts(row)) this.#rows.push(row)
    else this.#duplicate ??= row.labels
  }

  finish (): CollectedFamily {
    this.#check.finish()
    if (this.#duplicate !== undefined) {
      this.#onDuplicate(this.#reject('a series has more than one sample, and only the first is kept', this.#duplicate))
    }
    const aggregator = AGGREGATORS.find(known => known === this.#aggregator) ?? 'sum'
    return { ...this.#head, rows: this.#rows, aggregator }
  }
}

/** Checks and copies the samples of one family. */
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

  read (sample: unknown): Row {
    if (!isObject(sample)) throw this.#reject('a sample must be an object', sample)
    const { value, metricName, exemplar, labels } = sample
    if (typeof value !== 'number') throw this.#reject('the value of a sample must be a number', value)
    if (metricName !== undefined && !isName(metricName)) {
      throw this.#reject('a sample has a name that is not valid', metricName)
    }
    return { labels: this.#readLabels(labels), value, metricName, exemplar: this.#readExemplar(exemplar) }
  }

  #readLabels (sampleLabels: unknown): UncheckedLabels {
    const copied = copySampleLabels(sampleLabels ?? {}, this.#checkedNames, this.#reject)
    const labels = this.#hasDefaults ? withDefaults(copied, this.#defaultLabels) : copied
    const boundLabel = this.#boundLabel
    if (boundLabel === undefined || typeof labels[boundLabel] !== 'string') return labels
    return { ...labels, [boundLabel]: parseBound(labels[boundLabel]) } // each format writes a bound in its own form
  }

  #readExemplar (exemplar: unknown): Exemplar | undefined {
    if (exemplar === undefined || exemplar === null) return undefined
    const reject: Reject = (_problem, value) => this.#reject('a sample has an exemplar that is not valid', value)
    if (!isObject(exemplar)) throw reject('', exemplar)
    const { labelSet = {}, value, timestamp } = exemplar
    if (typeof value !== 'number') throw reject('', value)
    const labels = copySampleLabels(labelSet, this.#checkedNames, reject)
    if (timestamp === undefined) return { labelSet: labels, value }
    if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) throw reject('', timestamp)
    return { labelSet: labels, value, timestamp }
  }
}
