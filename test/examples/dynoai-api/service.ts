import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { buildApp, type AppOptions } from '../../../examples/dynoai-api/app.js'
import { startStub } from '../../../examples/dynoai-api/jetstream/stub.js'
import { samples } from '../../fixtures/samples.js'

/** What a test reads of an answer. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** The example service on a free port of loopback, without runs on Jetstream. */
export class Service {
  readonly app: FastifyInstance

  private constructor (app: FastifyInstance) {
    this.app = app
  }

  /** Starts a service that ends with the test. */
  static async start (t: { teardown (fn: () => unknown): void }, options: AppOptions = {}): Promise<Service> {
    const stub = await startStub({ newRuns: 0, failures: 0, slowness: 0 })
    t.teardown(() => stub.close())
    const app = await buildApp({ jetstream: { url: stub.url, token: stub.token }, ...options })
    t.teardown(() => app.close())
    await app.listen({ host: '127.0.0.1', port: 0 })
    return new Service(app)
  }

  /** Where the service listens. */
  get port (): number {
    return (this.app.server.address() as AddressInfo).port
  }

  async request (path: string, init?: RequestInit): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init)
    return { status: response.status, body: await response.json() as Answer['body'] }
  }

  /** Sends a log as a browser does. */
  async upload (log: string | Uint8Array<ArrayBuffer>, filename = 'pull.csv', field = 'file'): Promise<Answer> {
    const body = new FormData()
    body.append(field, new Blob([log]), filename)
    return this.request('/api/analyze', { method: 'POST', body })
  }

  /** Polls the status of a run until it is over. */
  async outcome (runId: unknown): Promise<Answer['body']> {
    while (true) {
      const { body } = await this.request(`/api/status/${String(runId)}`)
      if (body.status !== 'queued' && body.status !== 'running') return body
      await sleep(5)
    }
  }

  /** The samples of the metrics that begin with `name`, as the endpoint writes them. */
  async samples (name: string): Promise<Record<string, number>> {
    return samples(this.app.metrics.registry, name)
  }
}
