import t from 'tap'
import { REFUSAL_REASONS, refusalReason } from '../../../../examples/dynoai-api/analysis/refusal-reason.js'
import { EmptyLogError } from '../../../../examples/dynoai-api/dyno-log/errors.js'
import {
  BrokenUploadError, BusyError, LogTooLargeError, SeveralFilesError, WrongExtensionError
} from '../../../../examples/dynoai-api/runs/errors.js'

t.test('names the reason of each refusal, before a log is read and after', async t => {
  const cases: Array<[error: unknown, reason: typeof REFUSAL_REASONS[number]]> = [
    [new WrongExtensionError('pull.wp8'), 'extension'],
    [new LogTooLargeError(50), 'size'],
    [new SeveralFilesError(), 'files'],
    [new BrokenUploadError('x'), 'upload'],
    [new EmptyLogError(), 'empty'],
    [new BusyError('x'), 'other'],
    [undefined, 'other']
  ]
  for (const [error, reason] of cases) {
    t.equal(refusalReason(error), reason, String(error))
    t.ok(REFUSAL_REASONS.includes(reason))
  }
})
