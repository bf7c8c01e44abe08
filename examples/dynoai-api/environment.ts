/** The settings of the service that come from environment variables. */
export interface Environment {
  readonly host: string
  readonly port: number
  readonly metricsPath: string
  readonly metricsToken: string | undefined
}

/**
 * Reads `HOST` and `PORT`. An empty value counts as unset; a wrong `PORT` throws. `METRICS_PATH` and
 * `METRICS_BEARER_TOKEN` are read in the same way as the metrics plugin reads them, which rejects wrong values.
 */
export function readEnvironment (env: Readonly<Record<string, string | undefined>>): Environment {
  const read = (name: string, defaultValue: string) => {
    const value = env[name]?.trim() ?? ''
    return value === '' ? defaultValue : value
  }
  const port = read('PORT', '5001')
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Error(`PORT must be a whole number from 0 to 65535. Received: '${port}'.`)
  }
  const path = env.METRICS_PATH ?? ''
  return {
    host: read('HOST', 'localhost'),
    port: Number(port),
    metricsPath: path === '' ? '/metrics' : path,
    metricsToken: env.METRICS_BEARER_TOKEN
  }
}
