import type { LogReport } from '../../../examples/dynoai-api/analysis/log-report.js'

/** The report of a log for tests that do not read it. */
export const EMPTY_REPORT: LogReport = {
  encoding: 'UTF-8', separator: 'comma', decimalMark: '.', headerLine: 1, columns: {}, cylinders: [], ignored: []
}
