import createError from '@fastify/error'

/** The log has no line of text. */
export const EmptyLogError = createError('DYNOAI_ERR_LOG_EMPTY', 'The log is empty.', 400)

/** The log is no text. */
export const BinaryLogError = createError(
  'DYNOAI_ERR_LOG_BINARY',
  'The log is not plain text: it holds NUL bytes, as a binary or a UTF-16 file does. Export it from WinPEP as CSV or text.',
  400
)

/** The log is text, but no table. */
export const MalformedLogError = createError<[string]>(
  'DYNOAI_ERR_LOG_MALFORMED',
  'The log is not a well-formed table: %s.',
  400
)

/** The log has a header that lacks what the analysis needs. */
export const MissingColumnsError = createError<[string]>(
  'DYNOAI_ERR_LOG_COLUMNS',
  'The log lacks these columns: %s.',
  422
)

/** No row of the log can be used. */
export const NoUsableRowError = createError(
  'DYNOAI_ERR_LOG_ROWS',
  'The log has no usable row: a row counts when commanded and measured AFR are 9 to 18, MAP is 10 to 110 kPa and torque ' +
    'at least 5 (and TPS 0 to 100 percent, IAT 30 to 300 °F, where present).',
  422
)
