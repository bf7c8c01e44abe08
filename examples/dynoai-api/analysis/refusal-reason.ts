import { REFUSAL_REASONS as LOG_REASONS, refusalReason as reasonOfLog } from '../dyno-log/errors.js'

/** Reasons for which a log is refused before it is read, by the code of the error. */
const UPLOAD_REASONS = {
  DYNOAI_ERR_FILE_EXTENSION: 'extension',
  DYNOAI_ERR_LOG_TOO_LARGE: 'size',
  DYNOAI_ERR_UPLOAD_FILES: 'files',
  DYNOAI_ERR_UPLOAD_BROKEN: 'upload'
} as const

/** Why a log was not analysed; a label of the metric that counts refused logs. */
export const REFUSAL_REASONS = [...Object.values(UPLOAD_REASONS), ...LOG_REASONS] as const

/** Returns why a log was not analysed; `other` for an error that is not the log's, such as one of the disk. */
export function refusalReason (error: unknown): typeof REFUSAL_REASONS[number] {
  const code = String(Object(error).code)
  return Object.entries(UPLOAD_REASONS).find(([known]) => known === code)?.[1] ?? reasonOfLog(error)
}
