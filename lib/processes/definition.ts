import { CounterFamily } from '../series/counter-family.js'
import { aggregatorOf } from '../series/family.js'
import type { Family } from '../series/family.js'
import { GaugeFamily } from '../series/gauge-family.js'
import type { Aggregator } from '../series/gauge-family.js'
import { HistogramFamily } from '../series/histogram-family.js'

/** The definition of a family, as it is in the files of a slot. */
export interface FamilyDefinition {
  readonly name: string
  readonly type: Family['type']
  readonly help: string
  readonly labelNames: readonly string[]
  /** The upper bounds of a histogram, ascending, without `+Inf`; otherwise empty. */
  readonly buckets: readonly number[]
  /** How the gauges of several processes become one; `sum` for counters and histograms. */
  readonly aggregator: Aggregator
  /** The limit of the process that defined it, without the overflow series. It holds for inherited series, too. */
  readonly maxSeries: number
  /** How many labels at the start this does not limit. */
  readonly unlimitedLabels: number
  /** When the process started that defined it, in the unit of the caller. Of several definitions the newest wins. */
  readonly since: number
}

/** How many numbers a series has. */
export function widthOf ({ type, buckets }: Pick<FamilyDefinition, 'type' | 'buckets'>): number {
  return type === 'histogram' ? buckets.length + 2 : 1
}

/** Whether the numbers of two definitions can be added: type, labels and buckets are the same. */
export function haveSameShape (a: FamilyDefinition, b: FamilyDefinition): boolean {
  return a.type === b.type && areSame(a.labelNames, b.labelNames) && areSame(a.buckets, b.buckets)
}

function areSame (a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}

/** The definition of a family of the store. */
export function definitionOf (family: Family, since: number): FamilyDefinition {
  const { name, type, help, labelNames, inheritanceLimit } = family
  const buckets = type === 'histogram' ? [...family.bounds] : []
  return { name, type, help, labelNames, buckets, aggregator: aggregatorOf(family), ...inheritanceLimit, since }
}

/** A family of the store without series. */
export function createFamily (definition: FamilyDefinition): Family {
  const { name, type, help, labelNames, buckets, aggregator } = definition
  const options = { name, help, labels: labelNames.map(name => ({ name, listed: [] })) }
  if (type === 'counter') return new CounterFamily(options)
  return type === 'gauge' ? new GaugeFamily({ ...options, aggregator }) : new HistogramFamily({ ...options, buckets })
}
