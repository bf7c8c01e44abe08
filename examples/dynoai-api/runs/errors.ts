import createError from '@fastify/error'

/** The request has no file in its field `file`. */
export const MissingFileError = createError(
  'DYNOAI_ERR_FILE_MISSING',
  'No file was sent. Send the log as multipart/form-data in the field "file".',
  400
)

/** The name of the file does not have the extension of a log. */
export const WrongExtensionError = createError<[string]>(
  'DYNOAI_ERR_FILE_EXTENSION',
  "The file is not a dyno log: its name must end in .csv, .txt or .msl. Received: '%s'.",
  400
)

/** The form has more than one file. */
export const SeveralFilesError = createError(
  'DYNOAI_ERR_UPLOAD_FILES',
  'Several files were sent. Send each log in a request of its own.',
  400
)

/** The multipart body cannot be read to its end. */
export const BrokenUploadError = createError<[string]>(
  'DYNOAI_ERR_UPLOAD_BROKEN',
  'The upload cannot be read: %s.',
  400
)

/** The file exceeds the limit, in MiB. */
export const LogTooLargeError = createError<[number]>(
  'DYNOAI_ERR_LOG_TOO_LARGE',
  'The log is larger than %d MiB.',
  413
)

/** Too many logs are in a stage of their work, such as 'waiting for their analysis'. */
export const BusyError = createError<[string]>(
  'DYNOAI_ERR_BUSY',
  'Too many logs are %s. Try again in a few seconds.',
  429
)

/** The run does not exist, or it was evicted. */
export const UnknownRunError = createError<[string]>(
  'DYNOAI_ERR_RUN_UNKNOWN',
  "There is no run '%s'.",
  404
)

/** The run has no VE data. */
export const NoVeDataError = createError<[string, string]>(
  'DYNOAI_ERR_RUN_NO_DATA',
  "The run '%s' has no VE data: its status is '%s'.",
  409
)
