import t from 'tap'
import { createAuth } from '../../lib/endpoint/auth.js'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

const TOKEN = { bearerToken: 's3cret', basicAuth: undefined }
const PASSWORD = { bearerToken: undefined, basicAuth: { username: 'prometheus', password: 'pa:ss é' } }
const BOTH = { ...PASSWORD, bearerToken: 's3cret' }

t.test('returns null without credentials', async t => {
  t.equal(createAuth({ bearerToken: undefined, basicAuth: undefined }), null)
})

const CASES = [
  [TOKEN, 'Bearer s3cret', true],
  [TOKEN, 'bearer   s3cret ', true],
  [TOKEN, 'Bearer s3cre', false],
  [TOKEN, 'Bearer s3cretx', false],
  [TOKEN, 'Bearer S3CRET', false],
  [TOKEN, 'Bearer', false],
  [TOKEN, 'Bearer ', false],
  [TOKEN, 's3cret', false],
  [TOKEN, 'Basic s3cret', false],
  [TOKEN, '', false],
  [TOKEN, undefined, false],
  [PASSWORD, basic('prometheus:pa:ss é'), true],
  [PASSWORD, basic('prometheus:pa:ss é').replace('Basic', 'bASIC'), true],
  [PASSWORD, basic('prometheus:pa'), false],
  [PASSWORD, basic('other:pa:ss é'), false],
  [PASSWORD, basic('prometheus'), false],
  [PASSWORD, 'Basic ???', false],
  [PASSWORD, 'Bearer s3cret', false],
  [BOTH, 'Bearer s3cret', true],
  [BOTH, basic('prometheus:pa:ss é'), true],
  [BOTH, 'Bearer pa:ss', false],
  [BOTH, 'Digest s3cret', false]
] as const

t.test('accepts requests with the credentials, and no others', async t => {
  for (const [credentials, authorization, accepted] of CASES) {
    t.equal(createAuth(credentials)?.accepts(authorization), accepted, String(authorization))
  }
})

t.test('has a challenge for each scheme that it accepts', async t => {
  t.strictSame(createAuth(TOKEN)?.challenges, ['Bearer realm="metrics"'])
  t.strictSame(createAuth(PASSWORD)?.challenges, ['Basic realm="metrics", charset="UTF-8"'])
  t.strictSame(createAuth(BOTH)?.challenges, ['Bearer realm="metrics"', 'Basic realm="metrics", charset="UTF-8"'])
})
