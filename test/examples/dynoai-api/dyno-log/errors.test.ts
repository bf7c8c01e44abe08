import t from 'tap'
import {
  BinaryLogError, EmptyLogError, MalformedLogError, MissingColumnsError, NoUsableRowError, refusalReason,
  UnclearUnitError, UnclosedQuoteError
} from '../../../../examples/dynoai-api/dyno-log/errors.js'

t.test('names the reason of each refusal', async t => {
  const cases: Array<[error: unknown, reason: string]> = [
    [new EmptyLogError(), 'empty'],
    [new BinaryLogError(), 'binary'],
    [new MalformedLogError('x'), 'malformed'],
    [new UnclosedQuoteError('1'), 'malformed'],
    [new MissingColumnsError('x', 'y'), 'columns'],
    [new UnclearUnitError('x'), 'units'],
    [new NoUsableRowError('x'), 'rows'],
    [Object.assign(new Error('disk'), { code: 'EIO' }), 'other'],
    [undefined, 'other']
  ]
  for (const [error, reason] of cases) t.equal(refusalReason(error), reason, String(error))
})
