import t from 'tap'
import { readEnvironment } from '../../../examples/dynoai-api/environment.js'

t.test('listens on localhost:5001 unless told otherwise', async t => {
  t.same(readEnvironment({}), { host: 'localhost', port: 5001 })
  t.same(readEnvironment({ HOST: '', PORT: ' ' }), { host: 'localhost', port: 5001 }, 'empty is unset')
  t.same(readEnvironment({ HOST: '0.0.0.0', PORT: '8080' }), { host: '0.0.0.0', port: 8080 })
  for (const PORT of ['0', '65535']) t.equal(readEnvironment({ PORT }).port, Number(PORT))
})

t.test('says what is wrong with a port', async t => {
  for (const PORT of ['65536', '-1', '80.5', '0x50', 'http', '999999']) {
    t.throws(() => readEnvironment({ PORT }), { message: `PORT must be a whole number from 0 to 65535. Received: '${PORT}'.` })
  }
})
