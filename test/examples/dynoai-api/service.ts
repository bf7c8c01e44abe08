import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { buildApp, type AppOptions } from '../../../examples/dynoai-api/app.js'
import type { JsonResponse } from '../../../examples/dynoai-api/demo/virtual-user.js'
import { startStub } from '../../../examples/dynoai-api/jetstream/stub.js'
import { readSamples } from '../../fixtures/samples.js'

/** The example service on a free port of loopback; Jetstream has no runs by default. */
export class Service {
  readonly app: FastifyInstance

  private constructor (app: FastifyInstance) {
    this.app = app
  }

  /** Starts a service that closes with the test. */
  static async start (t: { teardown (fn: () => unknown): void }, options: AppOptions = {}): Promise<Service> {
    const stub = await startStub({ newRuns: 0, failures: 0, slowness: 0 })
    t.teardown(() => stub.close())
    const app = await buildApp({ jetstream: { url: stub.url, token: stub.token }, ...options })
    t.teardown(() => app.close())
    await app.listen({ host: '127.0.0.1', port: 0 })
    return new Service(app)
  }

  get port (): number {
    // A server that listens on a port has an address of this type.
    return (this.app.server.address() as AddressInfo).port
  }

  get origin (): string {
    return `http://127.0.0.1:${this.port}`
  }

  async request (path: string, init?: RequestInit): Promise<JsonResponse> {
    const response = await fetch(this.origin + path, init)
    return { status: response.status, body: await response.json() as JsonResponse['body'] }
  }

  /** Uploads a log in the same way as a browser. */
  async upload (log: string | Uint8Array<ArrayBuffer>, filename = 'pull.csv'): Promise<JsonResponse> {
    const body = new FormData()
    body.append('file', new Blob([log]), filename)
    return this.request('/api/analyze', { method: 'POST', body })
  }

  /** Polls the status of a run until it has ended; returns the last status. */
  async outcome (runId: unknown): Promise<JsonResponse['body']> {
    while (true) {
      const { body } = await this.request(`/api/status/${String(runId)}`)
      if (body.status !== 'queued' && body.status !== 'running') return body
      await sleep(5)
    }
  }

  /** Returns the samples of metrics whose name begins with `prefix`. */
  async samples (prefix: string): Promise<Record<string, number>> {
    return readSamples(this.app.metrics.registry, prefix)
  }
}
