import createError from '@fastify/error'

/** The log has no line with text. */
export const EmptyLogError = createError('DYNOAI_ERR_LOG_EMPTY', 'The log is empty.', 400)

/** The log is not a text file. */
export const BinaryLogError = createError(
  'DYNOAI_ERR_LOG_BINARY',
  'The log is not plain text: it contains NUL bytes, like a binary file or UTF-16 without a byte order mark. ' +
    'Export it as CSV or text.',
  400
)

/** The log is text, but not a table. */
export const MalformedLogError = createError<[string]>(
  'DYNOAI_ERR_LOG_MALFORMED',
  'The log is not a well-formed table: %s.',
  400
)

/** A field begins with a quotation mark and does not end in its line. */
export const UnclosedQuoteError = createError<[string]>(
  'DYNOAI_ERR_LOG_MALFORMED',
  'The log is not a well-formed table: in line %s, a quotation mark at the start of a field has no counterpart.',
  400
)

/** Two logs in one file have different columns. */
export const SecondHeaderError = createError(
  'DYNOAI_ERR_LOG_MALFORMED',
  'The log is not a well-formed table: it has a second header with other columns.',
  400
)

/** The log's header lacks columns that the analysis needs. */
export const MissingColumnsError = createError<[string, string]>(
  'DYNOAI_ERR_LOG_COLUMNS',
  'These columns are missing from the log: %s. Its columns are: %s.',
  422
)

/** The log does not say in which unit a column is, or its values cannot be in that unit. */
export const UnclearUnitError = createError<[string]>('DYNOAI_ERR_LOG_UNITS', '%s', 422)

/** The log has no usable row. */
export const NoUsableRowError = createError<[string]>(
  'DYNOAI_ERR_LOG_ROWS',
  'The log has no usable row. A usable row has 400 to 8000 rpm, commanded and measured AFR from 9 to 18, MAP from 10 ' +
    'to 110 kPa, torque of at least 5 and, where present, TPS from 0 to 100 percent and IAT from 30 to 300 °F. %s',
  422
)

/** Why a log could not be analysed; a label of the metric that counts refused logs. */
export const REFUSAL_REASONS = ['empty', 'binary', 'malformed', 'columns', 'units', 'rows', 'other'] as const

/** A reason for which a log could not be analysed. */
export type RefusalReason = typeof REFUSAL_REASONS[number]

/** Returns why a log could not be analysed; `other` for an error that is not the log's, such as one of the disk. */
export function refusalReason (error: unknown): RefusalReason {
  const code = String(Object(error).code)
  return REFUSAL_REASONS.find(reason => code === `DYNOAI_ERR_LOG_${reason.toUpperCase()}`) ?? 'other'
}
