import createError from '@fastify/error'

/** The log has no line with text. */
export const EmptyLogError = createError('DYNOAI_ERR_LOG_EMPTY', 'The log is empty.', 400)

/** The log is not a text file. */
export const BinaryLogError = createError(
  'DYNOAI_ERR_LOG_BINARY',
  'The log is not plain text: it contains NUL bytes, like a binary or a UTF-16 file. ' +
    'Export it from WinPEP as CSV or text.',
  400
)

/** The log is text, but not a table. */
export const MalformedLogError = createError<[string]>(
  'DYNOAI_ERR_LOG_MALFORMED',
  'The log is not a well-formed table: %s.',
  400
)

/** The log's header lacks columns that the analysis needs. */
export const MissingColumnsError = createError<[string]>(
  'DYNOAI_ERR_LOG_COLUMNS',
  'These columns are missing from the log: %s.',
  422
)

/** The log has no usable row. */
export const NoUsableRowError = createError(
  'DYNOAI_ERR_LOG_ROWS',
  'The log has no usable row. A usable row has commanded and measured AFR from 9 to 18, MAP from 10 to 110 kPa, ' +
    'torque of at least 5 and, where present, TPS from 0 to 100 percent and IAT from 30 to 300 °F.',
  422
)
