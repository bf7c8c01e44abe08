import createError from '@fastify/error'

/** The request has no file in its field `file`. */
export const MissingFileError = createError(
  'DYNOAI_ERR_FILE_MISSING',
  'No file was sent: send the log as multipart/form-data, in the field "file".',
  400
)

/** The file's name does not end like a log's. */
export const WrongExtensionError = createError<[string]>(
  'DYNOAI_ERR_FILE_EXTENSION',
  "The file is no dyno log: its name must end in .csv or .txt. Received: '%s'.",
  400
)

/** The multipart body cannot be read to its end. */
export const BrokenUploadError = createError<[string]>('DYNOAI_ERR_UPLOAD_BROKEN', 'The upload cannot be read: %s.', 400)

/** The file is cut off at the limit, in MiB. */
export const LogTooLargeError = createError<[number]>('DYNOAI_ERR_LOG_TOO_LARGE', 'The log is larger than %d MiB.', 413)

/** Too many logs wait for their analysis. */
export const BusyError = createError(
  'DYNOAI_ERR_BUSY',
  'Too many logs wait for their analysis; try again in a few seconds.',
  503
)

/** No run has this id, or it is so old that it was dropped. */
export const UnknownRunError = createError<[string]>('DYNOAI_ERR_RUN_UNKNOWN', "There is no run '%s'.", 404)

/** The run has no VE data. */
export const NoVeDataError = createError<[string, string]>(
  'DYNOAI_ERR_RUN_NO_DATA',
  "The run '%s' has no VE data: its status is '%s'.",
  409
)
