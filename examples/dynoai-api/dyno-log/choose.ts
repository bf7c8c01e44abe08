import { findProblem, type Candidate, type Problem } from './candidates.js'
import { UnclearUnitError } from './errors.js'
import { isMixture, labelOf } from './quantities.js'
import { convert } from './units.js'

/** The best candidate for a column, or why none can be used. */
export type Choice = { readonly column: Candidate } | { readonly problem: Problem }

/** Two columns of the same quantity may differ by this ratio, as two sensors do. */
const AGREEMENT = 1.03

/** Chooses among the candidates of one quantity; `undefined` without a candidate. */
export function choose (candidates: readonly Candidate[]): Choice | undefined {
  const penalty = (problem: Problem | undefined) => problem === undefined ? 0 : 1
  const [first, ...others] = candidates.map(column => ({ column, problem: findProblem(column) })).sort((one, other) =>
    penalty(one.problem) - penalty(other.problem) || rankOf(one.column) - rankOf(other.column) ||
      Number(other.column.isLabelled) - Number(one.column.isLabelled))
  if (first === undefined) return undefined
  const { column, problem } = first
  if (problem !== undefined) return { problem }
  const rival = others.find(other =>
    other.problem === undefined && rankOf(other.column) === rankOf(column) && mayDiffer(column, other.column))
  if (rival === undefined) return { column }
  const names = `'${column.name}' and '${rival.column.name}'`
  const sentence = `Two columns could be ${labelOf(column.key)}: ${names}. Remove or rename one of them.`
  return { problem: { kind: 'rival', sentence } }
}

/** Returns the column of a choice; throws its problem. */
export function chosen (choice: Choice): Candidate {
  if ('problem' in choice) throw new UnclearUnitError(choice.problem.sentence)
  return choice.column
}

/** Returns the column of a choice, `undefined` for one without values; throws any other problem. */
export function chosenIfFilled (choice: Choice | undefined): Candidate | undefined {
  if (choice === undefined || ('problem' in choice && choice.problem.kind === 'empty')) return undefined
  return chosen(choice)
}

/** Of two columns with equally good names, AFR comes before lambda. */
function rankOf ({ rank, unit }: Candidate): number {
  return rank + (unit === 'lambda' ? 0.5 : 0)
}

/**
 * Whether it matters which of two columns is used. Any torque is a good weight. Mixtures of two sensors may differ by
 * as much as a correction.
 */
function mayDiffer (one: Candidate, other: Candidate): boolean {
  if (isMixture(one.key)) return true
  if (one.key !== 'rpm' && one.key !== 'map') return false
  return [0.1, 0.5, 0.99].some(share => {
    const ratio = convert(one.values.quantile(share), one.unit) / convert(other.values.quantile(share), other.unit)
    return ratio > AGREEMENT || ratio < 1 / AGREEMENT
  })
}
