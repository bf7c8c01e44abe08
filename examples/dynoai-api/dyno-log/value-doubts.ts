import type { UnitName } from './units.js'
import type { ValueSketch } from './value-sketch.js'

/** A column with its unit as understood. */
export interface UnderstoodColumn {
  readonly unit: UnitName
  /** Whether the log names the unit. Otherwise it is the usual one. */
  readonly isLabelled: boolean
}

/** Returns whether values can be in a unit, and a hint for the rider if they cannot. */
type Check = (values: ValueSketch, isLabelled: boolean) => { readonly isPlausible: boolean, readonly hint?: string }

/** Nearly the largest value, so a few disturbed samples do not count. */
const high = (values: ValueSketch) => values.quantile(0.99)
const median = (values: ValueSketch) => values.quantile(0.5)

/**
 * MAP at full throttle without a turbocharger is about 100 kPa, 1000 mbar, 30 inHg or 15 psi. Higher values than those
 * of the next smaller unit prove the unit. Values in the next larger unit would be above those of this unit most of
 * the time. Without a name of the unit, kPa must come close to full throttle. Values that are negative, or often 0 or
 * below 10 kPa, are those of a gauge: no running engine has so little.
 */
function pressure (smallerUnit: number, ownUnit: number, shareAbove: number): Check {
  return (values, isLabelled) => ({
    isPlausible: high(values) > (isLabelled ? smallerUnit : 60) &&
      values.quantile(1 - shareAbove) <= ownUnit && median(values) <= 5 * ownUnit &&
      values.negativeShare < 0.01 && values.nonPositiveShare < 0.1 && values.quantile(0.05) >= ownUnit / 11,
    hint: isLabelled ? '' : "Name the unit in the column's name, such as 'MAP (inHg)' or 'MAP (kPa)'."
  })
}

/**
 * Whether values are on another scale than AFR of petrol: most are below 9, like those of ethanol, or many are above
 * 30, like those of a narrow-band sensor in mV. A sensor without a signal shows one value, which leaves out its rows.
 */
function isOtherScale (values: ValueSketch): boolean {
  const varies = (low: number, high: number) => values.quantile(high) > 1.02 * values.quantile(low)
  return (median(values) < 9 && varies(0.1, 0.9)) || (values.quantile(0.9) > 30 && varies(0.9, 0.99))
}

const CHECKS: Readonly<Partial<Record<UnitName, Check>>> = {
  rpm: values => ({
    isPlausible: high(values) >= 1000 && median(values) <= 10_000,
    hint: high(values) <= 20 ? "If they are thousands, name the column 'RPM1000' or 'RPM (x1000)'." : ''
  }),
  '1000 rpm': values => ({ isPlausible: high(values) >= 1 && high(values) <= 20 }),
  // Rows above 110 kPa are left out, so only a log with hardly any row below is refused.
  kPa: pressure(32.5, 110, 0.99),
  mbar: pressure(110, 1100, 0.99),
  bar: pressure(0.15, 1.1, 0.99),
  inHg: pressure(16, 32.5, 0.1),
  psi: pressure(1.1, 16, 0.1),
  AFR: values => ({
    isPlausible: median(values) >= 5 && !isOtherScale(values),
    hint: median(values) < 2 ? "If they are lambda, name the column 'Lambda' or 'AFR Meas F (lambda)'." : ''
  }),
  lambda: values => ({ isPlausible: median(values) >= 0.4 && median(values) <= 2 }),
  '°F': (values, isLabelled) => ({
    isPlausible: median(values) >= 50 && median(values) <= 250,
    hint: isLabelled ? '' : "Name the unit in the column's name, such as 'IAT (°C)' or 'IAT (°F)'."
  }),
  '°C': values => ({ isPlausible: median(values) <= 90 })
}

/** Returns why the values of a column cannot be in its unit, as the end of a sentence, or `undefined`. */
export function findDoubt ({ unit, isLabelled }: UnderstoodColumn, values: ValueSketch): string | undefined {
  const { isPlausible, hint = '' } = CHECKS[unit]?.(values, isLabelled) ?? { isPlausible: true }
  if (isPlausible) return undefined
  const seen = `its values are ${toText(values.min)} to ${toText(values.max)}.`
  return hint === '' ? seen : `${seen} ${hint}`
}

/** Returns a value with four digits, for a message. */
export function toText (value: number): string {
  return String(Number(value.toPrecision(4)))
}
