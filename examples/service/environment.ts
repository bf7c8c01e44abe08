import type { FastifyListenOptions } from 'fastify'

/** The first file descriptor that systemd passes to a process. */
const FIRST_SOCKET = 3

/** The settings of a process that come from environment variables. */
export interface Environment {
  /** The directory that the processes share, if systemd has created one. */
  readonly directory: string | undefined
  /** Where the process listens: at `HOST` and `PORT`, or at the socket that systemd passes. */
  readonly listen: FastifyListenOptions
}

/**
 * Reads `HOST`, `PORT`, and the variables of systemd: `RUNTIME_DIRECTORY`, `LISTEN_PID`, `LISTEN_FDS`.
 * @throws if `PORT` is not a port
 */
export function readEnvironment (env: Readonly<Record<string, string | undefined>>, pid: number): Environment {
  const { HOST: host = '127.0.0.1', PORT: port = '5001', RUNTIME_DIRECTORY: directory } = env
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Error(`PORT must be a whole number from 0 to 65535. Received: '${port}'.`)
  }
  // The variables are inherited, so they also say for which process the socket is.
  const hasSocket = env['LISTEN_PID'] === String(pid) && env['LISTEN_FDS'] === '1'
  const socket = { host, fd: FIRST_SOCKET }
  return { directory, listen: hasSocket ? socket : { host, port: Number(port) } }
}
