/** Where the service listens, and where its metrics are. */
export interface Environment {
  readonly host: string
  readonly port: number
  readonly metricsPath: string
}

/**
 * Reads `HOST` and `PORT`; an empty one counts as unset, a wrong one throws an error that says so. `METRICS_PATH` is read
 * as the metrics plugin reads it, which refuses a wrong one.
 */
export function readEnvironment (env: Readonly<Record<string, string | undefined>>): Environment {
  const read = (name: string, preset: string) => {
    const value = env[name]?.trim() ?? ''
    return value === '' ? preset : value
  }
  const port = read('PORT', '5001')
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Error(`PORT must be a whole number from 0 to 65535. Received: '${port}'.`)
  }
  const path = env.METRICS_PATH ?? ''
  return { host: read('HOST', 'localhost'), port: Number(port), metricsPath: path === '' ? '/metrics' : path }
}
