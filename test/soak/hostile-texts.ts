/** Texts that an exposition must escape, or that could be mistaken for something else. */
export const HOSTILE_TEXTS: readonly string[] = [
  '', ' ', '"', '\\', '\\n', '\n', '\r\n', '\0', '\x7f', 'a"b\\c\nd', '","le":"1', '{}', '} 1', '# EOF\n', 'a,b:c',
  'NaN', '1e999', '__proto__', 'constructor', 'le', 'é', '🏍', '\u2028', '\ufeff', '\ud800', 'a\udfff', 'x'.repeat(256),
  'x'.repeat(257), '"'.repeat(256), '🏍'.repeat(128), '../../etc/passwd'
]

const MAX_LENGTH = 256

/** The label value of a text in an exposition. */
export function exposedText (text: string): string {
  return text.length > MAX_LENGTH ? '__overflow__' : text.toWellFormed()
}
