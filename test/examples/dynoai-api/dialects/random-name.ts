import type { Random } from '../../../fixtures/random.js'

/** Writes a name with random case and separators. */
export function randomName ({ float, pick }: Random, name: string): string {
  const words = name.split(' ')
  const cased = pick<(word: string) => string>([
    word => word, word => word, word => word.toLowerCase(), word => word.toUpperCase(),
    word => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()
  ])
  const ordered = words.length === 3 && float() < 0.2 ? [words[1], words[0], words[2]] : words
  const joined = ordered.map(word => cased(word ?? '')).join(pick([' ', ' ', '_', '-', '.', '  ']))
  return pick([joined, joined, joined, `#${joined}`, ` ${joined} `, `"${joined}"`].map(text => text.replaceAll('"',
    '')))
}

/** Returns the prefix of a source, or nothing. */
export function randomPrefix ({ pick }: Random): string {
  return pick(['', '', '', '(DWRT CPU) ', '(PV) ', '(Harley - ECU Type 14 SW Level 141) ', '[ECU] '])
}
