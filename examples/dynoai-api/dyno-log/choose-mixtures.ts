import type { Candidate } from './candidates.js'
import { chosen, chosenIfFilled, type Choice } from './choose.js'
import { UnclearUnitError } from './errors.js'
import { toUsedColumn, type MixtureColumns } from './layout.js'
import type { MixtureKey } from './quantities.js'

type Find = (key: MixtureKey) => Choice | undefined

const KEYS = ['commanded', 'commandedFront', 'commandedRear', 'measured', 'measuredFront', 'measuredRear'] as const

/** Returns the cylinders with both mixtures; else one sensor of both cylinders. Throws what is unclear. */
export function chooseMixtures (find: Find): MixtureColumns[] {
  const column = (key: MixtureKey) => chosenIfFilled(find(key))
  const [front, rear] = [column('commandedFront'), column('commandedRear')]
  // Looked at only where it is needed: what is wrong with another column does not matter.
  const targetOf = (own: Candidate | undefined) => own ?? column('commanded')
  const pairs = [
    ...pair('front', () => [targetOf(front)], column('measuredFront')),
    ...pair('rear', () => [targetOf(rear)], column('measuredRear'))
  ]
  if (pairs.length > 0) return pairs
  const commanded = column('commanded')
  // `AFR Target 1` without a second one is the target of the only sensor.
  const isOnlyTarget = front?.isNumbered === true && rear === undefined
  const targets = commanded !== undefined ? [commanded] : isOnlyTarget ? [front] : [front, rear]
  const both = pair('both', () => targets, column('measured'))
  if (both.length === 0) throw new UnclearUnitError(describeProblem(KEYS.flatMap(key => find(key) ?? [])))
  return both
}

function pair (
  cylinder: MixtureColumns['cylinder'],
  targets: () => ReadonlyArray<Candidate | undefined>,
  measured: Candidate | undefined
): MixtureColumns[] {
  if (measured === undefined) return []
  const commanded = targets()
  const filled = commanded.filter(column => column !== undefined)
  if (filled.length < commanded.length) return []
  return [{ cylinder, commanded: filled.map(toUsedColumn), measured: toUsedColumn(measured) }]
}

/** A mixture has no values, or the commanded and the measured ones are of different cylinders. */
function describeProblem (choices: readonly Choice[]): string {
  const empty = choices.find(choice => 'problem' in choice)
  if (empty !== undefined) return empty.problem.sentence
  const names = choices.map(choice => `'${chosen(choice).name}'`).join(', ')
  return `No cylinder has both a commanded and a measured mixture. The log has ${names}.`
}
