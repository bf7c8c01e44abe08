/** The longest name that is compared, in UTF-16 units. The time of a comparison is quadratic in the length. */
const MAX_LENGTH = 64

/** The maximum number of wrong letters in a name. */
const MAX_DISTANCE = 2

/** The minimum length of a name that matches the end of another. */
const MIN_ENDING = 4

/** The maximum number of names that a message suggests. */
const MAX_NAMES = 3

interface Candidate {
  readonly name: string
  readonly distance: number
  /** Whether it has the same parent as the unknown name. */
  readonly isSibling: boolean
}

/**
 * Returns the text that a message adds to an unknown name, ` (did you mean 'path'?)`. It suggests the most similar
 * known names, and is empty if there are none. Of a path such as `requests.buckets` only the last name is compared, in
 * any letter case.
 */
export function didYouMean (unknownName: string, knownNames: readonly string[]): string {
  const candidates = knownNames
    .map(name => compareNames(unknownName, name))
    .filter(({ distance }) => distance < Infinity)
  const best = Math.min(...candidates.map(({ distance }) => distance))
  const nearest = candidates.filter(({ distance }) => distance === best)
  // A name with the same parent is more likely than the same name elsewhere.
  const siblings = nearest.filter(({ isSibling }) => isSibling)
  const names = (siblings.length > 0 ? siblings : nearest).slice(0, MAX_NAMES).map(({ name }) => `'${name}'`)
  return names.length === 0 ? '' : ` (did you mean ${names.join(' or ')}?)`
}

function compareNames (unknownName: string, knownName: string): Candidate {
  const [unknownParent, a] = split(unknownName)
  const [knownParent, b] = split(knownName)
  return { name: knownName, distance: distanceOf(a, b), isSibling: knownParent === unknownParent }
}

function split (name: string): [parent: string, last: string] {
  const dot = name.lastIndexOf('.')
  return [name.slice(0, dot + 1), name.slice(dot + 1).toLowerCase()]
}

function distanceOf (a: string, b: string): number {
  if (a.length > MAX_LENGTH) return Infinity
  const edits = editDistance(a, b)
  // At least half of the letters must match: two wrong letters in a short name leave nothing similar.
  if (edits <= MAX_DISTANCE && edits < Math.min(a.length, b.length) / 2) return edits
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.length >= MIN_ENDING && long.endsWith(short) ? MAX_DISTANCE + 1 : Infinity
}

/** The Levenshtein distance: how many letters must be added, removed or replaced to turn one name into the other. */
function editDistance (a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1) // a row has `b.length + 1` items
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1)) // as above
    }
    above = row
  }
  return above[b.length]! // as above
}
