/** The settings of the service that come from environment variables. */
export interface Environment {
  readonly host: string
  readonly port: number
  readonly metricsPath: string
  readonly metricsToken: string | undefined
}

/**
 * Reads `DYNOAI_HOST` and `DYNOAI_PORT`, the names of the original, then `HOST` and `PORT`. An empty value counts as
 * unset; a wrong port throws. `METRICS_PATH` and `METRICS_BEARER_TOKEN` are read in the same way as the metrics plugin
 * reads them, which rejects wrong values.
 */
export function readEnvironment (env: Readonly<Record<string, string | undefined>>): Environment {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== ''
  const read = (name: string) => {
    const names = [`DYNOAI_${name}`, name]
    return { name: names.find(isSet) ?? name, value: names.map(name => env[name]?.trim()).find(Boolean) }
  }
  const { name, value: port = '5001' } = read('PORT')
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Error(`${name} must be a whole number from 0 to 65535. Received: '${port}'.`)
  }
  const path = env.METRICS_PATH ?? ''
  return {
    host: read('HOST').value ?? 'localhost',
    port: Number(port),
    metricsPath: path === '' ? '/metrics' : path,
    metricsToken: env.METRICS_BEARER_TOKEN
  }
}
