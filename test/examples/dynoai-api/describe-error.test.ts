import t from 'tap'
import { describeError } from '../../../examples/dynoai-api/describe-error.js'
import { EmptyLogError } from '../../../examples/dynoai-api/dyno-log/errors.js'

t.test('tells the user the sentence of an error with a status, and no other', async t => {
  const logged: unknown[] = []
  const log = { error: (error: unknown) => { logged.push(error) } }
  t.strictSame(describeError(new EmptyLogError(), log), { statusCode: 400, message: 'The log is empty.' })
  t.strictSame(logged, [])
  const secret = new Error('secret')
  const internal = { statusCode: 500, message: 'Internal error. The log of the service has the details.' }
  t.strictSame(describeError(secret, log), internal)
  t.strictSame(logged, [secret])
})
