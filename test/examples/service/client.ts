import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { parseExposition, sum } from '../../../examples/dynoai-api/demo/exposition.js'
import type { Sample } from '../../../examples/dynoai-api/demo/exposition.js'

/** Successive scrapes that must be the same. Each process responds to some of them. */
const SCRAPES = 8

/** A client of the service that opens a connection for each request, so that each process gets some. */
export class ServiceClient {
  readonly #origin: string

  constructor (origin: string) {
    this.#origin = origin
  }

  /**
   * Sends requests for corrections until each of the processes has responded, and returns how many.
   * @throws if another process responds
   */
  async sendToAll (pids: readonly number[]): Promise<number> {
    const missing = new Set(pids)
    let sent = 0
    while (missing.size > 0) {
      const { pid } = JSON.parse(await this.#send('/api/correction', '{"commanded":13,"measured":13.26}'))
      if (!pids.includes(pid)) throw new Error(`Process ${pid} has responded, not one of ${pids.join()}`)
      missing.delete(pid)
      sent++
    }
    return sent
  }

  /** Scrapes any process. */
  async scrape (): Promise<Sample[]> {
    return parseExposition(await this.#send('/metrics'))
  }

  /**
   * Waits until several scrapes in a row contain all requests.
   * @throws if a scrape contains more of them, or fewer than an earlier one
   */
  async untilCounted (requests: number): Promise<void> {
    let highest = 0
    for (let complete = 0; complete < SCRAPES;) {
      const counted = countRequests(await this.scrape())
      if (counted < highest || counted > requests) throw new Error(`${counted} of ${requests}, after ${highest}`)
      highest = counted
      if (counted === requests) complete++
      else await delay(50)
    }
  }

  async #send (path: string, body?: string): Promise<string> {
    const method = body === undefined ? 'GET' : 'POST'
    const headers = { 'content-type': 'application/json' }
    return await new Promise((resolve, reject) => {
      request(this.#origin + path, { method, agent: false, ...body !== undefined && { headers } }, response => {
        text(response).then(resolve, reject)
      }).once('error', reject).end(body)
    })
  }
}

/** Counts the requests for corrections that a scrape contains. */
function countRequests (samples: readonly Sample[]): number {
  return sum(samples, 'dynoai_request_duration_seconds_count', { path: '/api/correction', status: '200' })
}
