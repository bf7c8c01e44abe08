import t from 'tap'
import { readEnvironment } from '../../../examples/dynoai-api/environment.js'

t.test('returns localhost:5001 by default', async t => {
  t.same(readEnvironment({}), { host: 'localhost', port: 5001, metricsPath: '/metrics', metricsToken: undefined })
  t.match(readEnvironment({ HOST: '', PORT: ' ' }), { host: 'localhost', port: 5001 }, 'an empty value counts as unset')
  t.match(readEnvironment({ HOST: '0.0.0.0', PORT: '8080' }), { host: '0.0.0.0', port: 8080 })
  for (const PORT of ['0', '65535']) t.equal(readEnvironment({ PORT }).port, Number(PORT))
})

t.test('returns the token of the metrics', async t => {
  t.equal(readEnvironment({ METRICS_BEARER_TOKEN: 'x' }).metricsToken, 'x')
})

t.test('returns the path of the metrics as the plugin reads it', async t => {
  const cases: Array<[METRICS_PATH: string | undefined, metricsPath: string]> = [
    [undefined, '/metrics'], ['', '/metrics'], ['/m', '/m'], [' ', ' ']
  ]
  for (const [METRICS_PATH, metricsPath] of cases) t.equal(readEnvironment({ METRICS_PATH }).metricsPath, metricsPath)
})

t.test('prefers the names of the original', async t => {
  const env = { HOST: 'localhost', PORT: '80' }
  t.match(readEnvironment({ ...env, DYNOAI_HOST: '0.0.0.0', DYNOAI_PORT: '5002' }), { host: '0.0.0.0', port: 5002 })
  t.match(readEnvironment({ ...env, DYNOAI_HOST: '', DYNOAI_PORT: ' ' }), { host: 'localhost', port: 80 })
  t.throws(() => readEnvironment({ ...env, DYNOAI_PORT: 'x' }), {
    message: "DYNOAI_PORT must be a whole number from 0 to 65535. Received: 'x'."
  })
})

t.test('rejects a wrong port', async t => {
  for (const PORT of ['65536', '-1', '80.5', '0x50', 'http', '999999']) {
    const message = `PORT must be a whole number from 0 to 65535. Received: '${PORT}'.`
    t.throws(() => readEnvironment({ PORT }), { message })
  }
})
