import t from 'tap'
import { describeError } from '../../../examples/dynoai-api/describe-error.js'
import { EmptyLogError } from '../../../examples/dynoai-api/dyno-log/errors.js'

t.test('tells the user the sentence of an error with a status, and no other, and logs both', async t => {
  const logged: unknown[] = []
  const log = {
    info: (error: unknown) => { logged.push('info', error) },
    error: (error: unknown) => { logged.push('error', error) }
  }
  const empty = new EmptyLogError()
  t.strictSame(describeError(empty, log), { statusCode: 400, message: 'The log is empty.' })
  t.strictSame(logged.splice(0), ['info', empty])
  const secret = new Error('secret')
  const internal = { statusCode: 500, message: 'Internal error. The log of the service has the details.' }
  t.strictSame(describeError(secret, log), internal)
  t.strictSame(logged, ['error', secret])
})
