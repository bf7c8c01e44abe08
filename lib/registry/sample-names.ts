const SUFFIXES: ReadonlyMap<string, readonly string[]> = new Map([
  ['histogram', ['', '_bucket', '_sum', '_count']],
  ['summary', ['', '_sum', '_count']]
])

/** The names that a metric uses in an exposition: its name and those of its samples. */
export function namesOf (name: string, type: string): string[] {
  return (SUFFIXES.get(type) ?? ['']).map(suffix => name + suffix)
}
