/** The sign before the decimals of a log's numbers. */
export type DecimalMark = '.' | ','

/** A number and the text behind it, which may be a unit. */
export interface MeasuredValue {
  /** NaN for a text without a readable number. */
  readonly value: number
  readonly suffix: string
}

/** Most fields are such numbers, whatever the decimal mark is, except those with one group of three decimals. */
const PLAIN = /^-?\d+(?:\.\d+)?$/

/** A number with any marks, then a unit, which may be `1/min`. */
const WITH_SUFFIX = /^(?!0x)([+−-]?[\d.,](?:(?! 1\/)[\d.,'’ \u00a0\u2009\u202f])*(?:e[+-]?\d+)?)(.*)$/i

/** A text of a spreadsheet, such as `="12.8"`, `'12.8`, or a quoted field behind a space. */
const AS_TEXT = /^(?:=?"([^"]*)"|['’](.*))$/

const GROUPED = {
  '.': /^[+-]?(?:\d+|\d{1,3}(?:([,'’ \u00a0\u2009\u202f])\d{3}(?:\1\d{3})*))?(?:\.\d*)?(?:e[+-]?\d+)?$/i,
  ',': /^[+-]?(?:\d+|\d{1,3}(?:([.'’ \u00a0\u2009\u202f])\d{3}(?:\1\d{3})*))?(?:,\d*)?(?:e[+-]?\d+)?$/i
} as const

/** Reads a field: a number with an optional sign, thousands separators, decimals and unit. */
export function readValue (field: string, mark: DecimalMark): MeasuredValue {
  const text = field.trim()
  if (mark === '.' && PLAIN.test(text)) return { value: Number(text), suffix: '' }
  const { body, suffix } = split(text)
  const number = body.trim().replace('−', '-')
  if (!/\d/.test(number) || !GROUPED[mark].test(number)) return { value: NaN, suffix: '' }
  const separators = mark === '.' ? /[,'’ \u00a0\u2009\u202f]/g : /[.'’ \u00a0\u2009\u202f]/g
  return { value: Number(number.replace(separators, '').replace(',', '.')), suffix: suffix.trim() }
}

/**
 * Returns the decimal mark that a field proves, and `undefined` for a field that is a number with either mark: `2151`,
 * and `2,151`, which may be a number of thousands. A mixture is below a thousand, so its only mark is that of decimals.
 */
export function provenMark (field: string, isMixture: boolean): DecimalMark | undefined {
  const { body } = split(field.trim())
  const [, whole = '', mark, decimals = ''] = /^[+−-]?(.*?)([.,])(\d*)(?:e[+-]?\d+)?$/i.exec(body.trim()) ?? []
  if (mark !== '.' && mark !== ',') return undefined
  // `1.234,5` has groups before its decimals; `1,234,567` has nothing but groups.
  if (whole.includes(mark)) return mark === '.' ? ',' : '.'
  const mayBeGroups = decimals.length === 3 && /^[1-9]\d{0,2}$/.test(whole)
  return mayBeGroups && !isMixture ? undefined : mark
}

/** Splits a text into a number with any marks and the text behind it. */
function split (text: string): { readonly body: string, readonly suffix: string } {
  const [, quoted, rest] = AS_TEXT.exec(text) ?? []
  const [, body = '', suffix = ''] = WITH_SUFFIX.exec((quoted ?? rest ?? text).trim()) ?? []
  return { body, suffix }
}
