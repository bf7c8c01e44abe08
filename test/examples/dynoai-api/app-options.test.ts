import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import t from 'tap'
import { readAppOptions } from '../../../examples/dynoai-api/app-options.js'
import { readEnvironment } from '../../../examples/dynoai-api/environment.js'
import { root } from '../../fixtures/root.js'

const defaults = { logger: { level: 'warn' }, environment: 'production', maxUploadBytes: 52_428_800 }

t.test('returns the defaults without variables, and with empty ones', async t => {
  t.strictSame(readAppOptions({}), defaults)
  t.strictSame(readAppOptions({ LOG_LEVEL: '', FLASK_ENV: ' ', DYNOAI_MAX_UPLOAD_MB: '', DYNOAI_UPLOAD_DIR: '' }),
    defaults)
})

t.test('the variables of .env.example are those that are read, with the defaults', async t => {
  const example = parseEnv(readFileSync(new URL('examples/dynoai-api/.env.example', root), 'utf8'))
  t.strictSame(readAppOptions(example), defaults)
  t.match(readEnvironment(example), { host: 'localhost', port: 5001, metricsPath: '/metrics' })
  const url: Record<string, string> = { JETSTREAM_API_URL: 'http://x', JETSTREAM_API_KEY: 'x' }
  const read = new Set<string | symbol>()
  const recorder = new Proxy(url, {
    get: (env, name: string) => {
      read.add(name)
      return env[name]
    }
  })
  readAppOptions(recorder)
  readEnvironment(recorder)
  // The plugin reads its own.
  for (const name of Object.keys(example).filter(name => !name.startsWith('METRICS_'))) t.ok(read.has(name), name)
})

t.test('returns what the variables say', async t => {
  t.strictSame(readAppOptions({
    LOG_LEVEL: 'info',
    FLASK_ENV: 'development',
    DYNOAI_MAX_UPLOAD_MB: '8',
    DYNOAI_UPLOAD_DIR: '/var/uploads',
    JETSTREAM_API_URL: 'https://jetstream.example/',
    JETSTREAM_API_KEY: 'key',
    JETSTREAM_POLL_INTERVAL: '60'
  }), {
    logger: { level: 'info' },
    environment: 'development',
    maxUploadBytes: 8_388_608,
    runs: { directory: '/var/uploads' },
    jetstream: { url: 'https://jetstream.example', token: 'key', pollIntervalMs: 60_000 }
  })
  t.strictSame(readAppOptions({ JETSTREAM_API_URL: 'https://x', JETSTREAM_STUB_MODE: 'True' }), defaults)
  t.match(readAppOptions({ JETSTREAM_API_URL: 'https://x', JETSTREAM_API_KEY: 'k', JETSTREAM_STUB_MODE: 'no' }), {
    jetstream: { pollIntervalMs: 30_000 }
  })
})

t.test('rejects wrong values', async t => {
  const url = { JETSTREAM_API_URL: 'https://x', JETSTREAM_API_KEY: 'k' }
  const cases: Array<[env: Record<string, string>, message: string]> = [
    [{ LOG_LEVEL: 'loud' }, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL. Received: 'loud'."],
    [{ DYNOAI_MAX_UPLOAD_MB: '0' }, "DYNOAI_MAX_UPLOAD_MB must be a number above 0. Received: '0'."],
    [{ DYNOAI_MAX_UPLOAD_MB: 'big' }, "DYNOAI_MAX_UPLOAD_MB must be a number above 0. Received: 'big'."],
    [{ ...url, JETSTREAM_POLL_INTERVAL: '-1' }, "JETSTREAM_POLL_INTERVAL must be a number above 0. Received: '-1'."],
    [{ ...url, JETSTREAM_STUB_MODE: 'maybe' }, "JETSTREAM_STUB_MODE must be true or false. Received: 'maybe'."],
    [{ JETSTREAM_API_URL: 'https://x' }, 'JETSTREAM_API_KEY must be set together with JETSTREAM_API_URL.'],
    [{ ...url, JETSTREAM_API_KEY: '' }, 'JETSTREAM_API_KEY must be set together with JETSTREAM_API_URL.']
  ]
  for (const [env, message] of cases) t.throws(() => readAppOptions(env), { message })
})
