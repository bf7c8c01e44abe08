import { errors, received } from '../errors.js'
import { redacted } from '../options/rules.js'
import { isBuckets } from '../series/buckets.js'
import { AGGREGATORS } from '../series/gauge-family.js'
import type { Aggregator } from '../series/gauge-family.js'
import { toWellFormed } from '../series/label-value.js'
import type { MetricDefinition, MetricDefinitions } from '../types/index.js'
import { isObject } from '../util/is-object.js'
import { isMetricName, snakeCase } from '../util/names.js'
import { readProperties } from '../util/read-properties.js'
import { didYouMean } from '../util/suggest.js'
import { checkDefaults, checkLabelLists } from './check-labels.js'

/** A checked definition, with its full name and all defaults. */
export interface ResolvedDefinition {
  /** The property on `fastify.metrics`. */
  readonly key: string
  readonly name: string
  readonly type: MetricDefinition['type']
  readonly help: string
  /** The listed values of each label. */
  readonly labels: Readonly<Record<string, readonly string[]>>
  readonly defaults: Readonly<Record<string, string>>
  readonly buckets: readonly number[] | undefined
  readonly collect: Collect | undefined
  /** `sum` for counters and histograms. */
  readonly aggregator: Aggregator
  /** In seconds. */
  readonly expireAfter: number | undefined
}

/** The function of a definition that returns the values of its gauge; its result was not checked. */
export type Collect = () => unknown

/** Keys that a metric cannot have: other properties of `fastify.metrics`, and `__proto__`. */
const RESERVED_KEYS = ['registry', 'enabled', 'define', 'timeAnalysis', 'recordException', 'address', '__proto__']

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  counter: ['type', 'help', 'name', 'labels', 'defaults', 'expireAfter'],
  gauge: ['type', 'help', 'name', 'labels', 'defaults', 'expireAfter', 'collect', 'aggregator'],
  histogram: ['type', 'help', 'name', 'labels', 'defaults', 'expireAfter', 'buckets']
}

const INVALID_NAME =
  "has an invalid or reserved name; it has letters, digits and '_', and begins with neither a digit nor '__'"

/** The number of series that exist from the start: all combinations of listed values; 0 if a label accepts anything. */
export function listedCombinations (labels: ReadonlyArray<readonly string[]>): number {
  return labels.reduce((product, values) => product * values.length, 1)
}

/**
 * Checks definitions, and fills in their names and defaults.
 * @throws DYNOAI_METRICS_ERR_DEFINITION with the name of the metric
 */
export function resolveDefinitions (
  definitions: MetricDefinitions, prefix: string, maxSeries: number
): ResolvedDefinition[] {
  if (!isObject(definitions)) {
    throw new errors.ERR_DEFINITION('define()', 'needs an object of definitions', redacted(definitions))
  }
  return Object.entries(definitions).map(entry => resolveDefinition(entry, prefix, maxSeries))
}

function resolveDefinition (
  [key, value]: [key: string, value: unknown], prefix: string, maxSeries: number
): ResolvedDefinition {
  let name = key
  const reject = (problem: string, value: unknown) =>
    new errors.ERR_DEFINITION(`The metric '${name}'`, problem, received(value))

  if (RESERVED_KEYS.includes(key)) throw reject("has the name of another property of 'fastify.metrics'", key)
  // The message does not show another value, which may be a misplaced secret.
  if (!isObject(value)) throw new errors.ERR_DEFINITION(`The metric '${name}'`, 'must be an object', redacted(value))
  const definition = readDefinition(value)
  const fields = Object.hasOwn(FIELDS, definition.type) ? FIELDS[definition.type] : undefined
  if (fields === undefined) throw reject(`must have a type of ${Object.keys(FIELDS).join(', ')}`, definition.type)
  name = definition.name ?? prefix + snakeCase(key)
  if (typeof name !== 'string' || !isMetricName(name)) throw reject(INVALID_NAME, name)

  const unknown = Object.keys(definition).find(field => !fields.includes(field))
  if (unknown !== undefined) {
    const known = `${fields.join(', ')}${didYouMean(unknown, fields)}`
    throw reject(`is a ${definition.type}, which accepts only ${known}`, unknown)
  }
  const { type, help, labels = {}, defaults = {}, expireAfter } = definition
  const buckets = definition.type === 'histogram' ? definition.buckets : undefined
  const { collect, aggregator = 'sum' } = definition.type === 'gauge' ? definition : {}

  if (typeof help !== 'string' || help === '') throw reject('must have a help text', help)
  if (type === 'counter' && !name.endsWith('_total')) {
    throw reject("is a counter, whose name must end in '_total'", name)
  }
  if (buckets !== undefined && !isBuckets(buckets)) {
    throw reject('must have buckets that are ascending numbers of at least 0', buckets)
  }
  checkLabelLists(labels, reject)
  checkDefaults(defaults, labels, reject)
  if (collect !== undefined && typeof collect !== 'function') throw reject('must have a function as collect', collect)
  if (!AGGREGATORS.includes(aggregator)) {
    throw reject(`must have an aggregator of ${AGGREGATORS.join(', ')}`, aggregator)
  }
  if (expireAfter !== undefined && !(Number.isFinite(expireAfter) && expireAfter > 0)) {
    throw reject('must have a number of seconds above 0 as expireAfter', expireAfter)
  }
  if (collect !== undefined && expireAfter !== undefined) {
    throw reject('has a collect function, which returns all series at every scrape: leave expireAfter out', expireAfter)
  }
  const combinations = listedCombinations(Object.values(labels).filter(values => values.length > 0))
  if (combinations > maxSeries) {
    throw reject(`has more listed combinations of labels than maxSeries (${maxSeries})`, combinations)
  }

  return Object.freeze({
    key, name, type, help, labels: { ...labels }, defaults: { ...defaults }, buckets, collect, aggregator, expireAfter
  })
}

/** Copies a definition with the objects and arrays in it. Reads each property once, and checks none. */
function readDefinition (source: object): MetricDefinition {
  const definition = readProperties(source)
  const { labels, defaults, buckets } = definition
  if (isObject(labels)) {
    const listed = Object.entries(readProperties(labels))
      .map(([label, values]) => [label, copyListed(values)] as const)
    definition['labels'] = Object.fromEntries(listed)
  }
  if (isObject(defaults)) {
    const wellFormed = Object.entries(readProperties(defaults))
      .map(([label, value]) => [label, toWellFormed(value)] as const)
    definition['defaults'] = Object.fromEntries(wellFormed)
  }
  if ('buckets' in definition) definition['buckets'] = copyArray(buckets)
  return definition as unknown as MetricDefinition
}

// `Array.from` also fills the holes of a sparse array, which `every` would skip.
const copyArray = (value: unknown): unknown => Array.isArray(value) ? Array.from(value) : value

const copyListed = (values: unknown): unknown => Array.isArray(values) ? Array.from(values, toWellFormed) : values
