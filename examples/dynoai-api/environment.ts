/** Where the service listens, where its metrics are, and what opens them. */
export interface Environment {
  readonly host: string
  readonly port: number
  readonly metricsPath: string
  readonly metricsToken: string | undefined
}

/**
 * Reads `HOST` and `PORT`; an empty one counts as unset, a wrong one throws an error that says so. `METRICS_PATH` and
 * `METRICS_BEARER_TOKEN` are read as the metrics plugin reads them, which refuses wrong ones.
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
  return { host: read('HOST', 'localhost'), port: Number(port), metricsPath: path === '' ? '/metrics' : path, metricsToken: env.METRICS_BEARER_TOKEN }
}
