import type { AppOptions } from './app.js'

type Env = Readonly<Record<string, string | undefined>>

/** The levels of the original, which logs with Python, as those of Fastify's logger. */
const LOG_LEVELS = {
  DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal'
} as const

const MIB = 1024 ** 2

/**
 * Reads the options of the service from the environment variables of the original DynoAI, which `.env.example` lists.
 * An empty value counts as unset; a wrong one throws.
 */
export function readAppOptions (env: Env): AppOptions {
  const read = (name: string) => env[name]?.trim() || undefined
  const directory = read('DYNOAI_UPLOAD_DIR')
  const jetstream = readJetstream(env)
  return {
    logger: { level: readLevel(read('LOG_LEVEL') ?? 'WARNING') },
    environment: read('FLASK_ENV') ?? 'production',
    maxUploadBytes: readPositive(env, 'DYNOAI_MAX_UPLOAD_MB', 50) * MIB,
    ...directory !== undefined && { runs: { directory } },
    ...jetstream !== undefined && { jetstream }
  }
}

/** Without a URL and in stub mode, the service starts a stub of Jetstream. */
function readJetstream (env: Env): AppOptions['jetstream'] {
  const url = env['JETSTREAM_API_URL']?.trim() ?? ''
  if (url === '' || readBoolean(env, 'JETSTREAM_STUB_MODE')) return undefined
  const token = env['JETSTREAM_API_KEY']?.trim() ?? ''
  if (token === '') throw new Error('JETSTREAM_API_KEY must be set together with JETSTREAM_API_URL.')
  return {
    url: url.replace(/\/+$/, ''), token, pollIntervalMs: 1000 * readPositive(env, 'JETSTREAM_POLL_INTERVAL', 30)
  }
}

function readLevel (level: string): string {
  const levels: Readonly<Record<string, string>> = LOG_LEVELS
  const known = levels[level.toUpperCase()]
  if (known !== undefined) return known
  throw new Error(`LOG_LEVEL must be one of ${Object.keys(LOG_LEVELS).join(', ')}. Received: '${level}'.`)
}

function readPositive (env: Env, name: string, defaultValue: number): number {
  const text = env[name]?.trim() ?? ''
  const value = text === '' ? defaultValue : Number(text)
  if (value > 0 && value < Infinity) return value
  throw new Error(`${name} must be a number above 0. Received: '${text}'.`)
}

function readBoolean (env: Env, name: string): boolean {
  const text = env[name]?.trim().toLowerCase() ?? ''
  if (['true', '1', 'yes', 'on'].includes(text)) return true
  if (['', 'false', '0', 'no', 'off'].includes(text)) return false
  throw new Error(`${name} must be true or false. Received: '${text}'.`)
}
