/** Where the service listens. */
export interface Environment {
  readonly host: string
  readonly port: number
}

/** Reads `HOST` and `PORT`; an empty one counts as unset, a wrong one throws an error that says so. */
export function readEnvironment (env: Readonly<Record<string, string | undefined>>): Environment {
  const read = (name: string, preset: string) => {
    const value = env[name]?.trim() ?? ''
    return value === '' ? preset : value
  }
  const port = read('PORT', '5001')
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Error(`PORT must be a whole number from 0 to 65535. Received: '${port}'.`)
  }
  return { host: read('HOST', 'localhost'), port: Number(port) }
}
