/** UTF-16 units of the longest name that is compared with others: the time that it takes grows with the square of it. */
const MAX_LENGTH = 64

/** How many letters of a name may be wrong. */
const MAX_DISTANCE = 2

/** Letters of the shortest name that is found at the end of another. */
const MIN_ENDING = 4

/** Names that a message proposes at most. */
const MAX_NAMES = 3

interface Candidate {
  readonly name: string
  /** The less, the nearer. */
  readonly distance: number
  readonly isBeside: boolean
}

/**
 * What a message adds to an unknown name, ` (did you mean 'path'?)`: of the names that are known the nearest, else
 * nothing. Names may stand below others, as `requests.buckets`; their last part is compared, in any case of letters.
 */
export function didYouMean (given: string, known: readonly string[]): string {
  const candidates = known.map(name => candidateOf(given, name)).filter(({ distance }) => distance < Infinity)
  const best = Math.min(...candidates.map(({ distance }) => distance))
  const nearest = candidates.filter(({ distance }) => distance === best)
  // A name beside it is more likely than the same one at another place.
  const beside = nearest.filter(({ isBeside }) => isBeside)
  const names = (beside.length > 0 ? beside : nearest).slice(0, MAX_NAMES).map(({ name }) => `'${name}'`)
  return names.length === 0 ? '' : ` (did you mean ${names.join(' or ')}?)`
}

function candidateOf (given: string, name: string): Candidate {
  const [givenParent, a] = split(given)
  const [parent, b] = split(name)
  return { name, distance: distanceOf(a, b), isBeside: parent === givenParent }
}

function split (name: string): [parent: string, last: string] {
  const dot = name.lastIndexOf('.')
  return [name.slice(0, dot + 1), name.slice(dot + 1).toLowerCase()]
}

function distanceOf (a: string, b: string): number {
  if (a.length > MAX_LENGTH) return Infinity
  const edits = editDistance(a, b)
  // Of a short name two wrong letters leave nothing that is alike.
  if (edits <= MAX_DISTANCE && edits < Math.min(a.length, b.length) / 2) return edits
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.length >= MIN_ENDING && long.endsWith(short) ? MAX_DISTANCE + 1 : Infinity
}

/** How many letters must be added, removed or replaced to make one of the other: Levenshtein's distance. */
function editDistance (a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1) // a row is as long as `b`, and one
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1)) // as above
    }
    above = row
  }
  return above[b.length]! // as above
}
