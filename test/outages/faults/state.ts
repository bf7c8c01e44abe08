import type { FastifyInstance } from 'fastify'

/** Whether a service is broken. It starts healthy, and a message of the harness breaks it. */
export interface State {
  isBroken: boolean
}

/** Builds a service that breaks with its state. `directory` is for what the processes of its job share. */
export type BuildService = (state: State, directory: string) => Promise<FastifyInstance>

/** Options for services whose runtime metrics do not matter. Dozens of services are scraped twice a second. */
export const LIGHT = { runtimeMetrics: false, endpoint: { gzip: false } } as const

/** Runs something again and again until the service closes. */
export function repeat (app: FastifyInstance, milliseconds: number, run: () => void): void {
  const timer = setInterval(run, milliseconds)
  app.addHook('onClose', async function stopRepeating () { clearInterval(timer) })
}
