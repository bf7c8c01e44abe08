import t from 'tap'
import { errorCode } from '../../lib/processes/error-code.js'

t.test('reads the code of a system error, and of no other value', async t => {
  t.equal(errorCode(Object.assign(new Error('x'), { code: 'ENOENT' })), 'ENOENT')
  for (const value of [new Error('x'), { code: 7 }, {}, 'ENOENT', null, undefined]) t.equal(errorCode(value), undefined)
})
