import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { checkStructure } from '../fixtures/exposition/check-structure.js'
import type { FormatName, ParsedFamily } from '../fixtures/exposition/parse.js'
import { createRandom } from '../fixtures/random.js'
import { WORKER_HEADER } from './clients.js'
import { findDecreases, HighestCounters, readCounters } from './counters.js'
import { keyOf } from './keys.js'
import { exactly } from './ledger.js'
import type { Count } from './ledger.js'
import type { SoakRun } from './run.js'

/** The time between two scrapes of a scraper, in milliseconds. */
const INTERVAL = 1000
/** The longest scrape, in milliseconds. */
const MAX_DURATION = 30_000

const ACCEPT: Readonly<Record<FormatName, string>> = {
  text: 'text/plain;version=0.0.4', openmetrics: 'application/openmetrics-text;version=1.0.0'
}
const countsOf = (status: string): Count[] => [exactly(keyOf('dynoai_metrics_scrapes_total', { status }))]

/** A scrape that was answered. */
export interface Scrape {
  readonly families: readonly ParsedFamily[]
  readonly counters: ReadonlyMap<string, number>
  readonly milliseconds: number
}

/** Scrapes the service, each time over a new connection, so any worker answers. No counter may ever decrease. */
export class Scraper {
  readonly #run: SoakRun
  readonly #highest = new HighestCounters()
  readonly durations: number[] = []
  /** How many series the last scrape had. */
  series = 0
  /** Scrapes that are not in the ledger: those since the last one has begun, which did not see them. */
  readonly #unrecorded: Array<{ readonly worker: number, readonly at: number }> = []
  /** Scrapes that got no response, since their worker ended. */
  interrupted = 0

  constructor (run: SoakRun) {
    this.#run = run
  }

  /** Scrapes regularly until the run is over. */
  async repeat (seed: number): Promise<void> {
    const random = createRandom(seed)
    while (!this.#run.isOver) {
      const next = Date.now() + INTERVAL
      await this.scrape(random.pick(['text', 'openmetrics']), random.float() < 0.5)
      await delay(Math.max(0, next - Date.now()))
    }
  }

  /** Scrapes once; `null` if the worker ended meanwhile, or for a fault. */
  async scrape (format: FormatName, isCompressed = false): Promise<Scrape | null> {
    const { ledger, faults, service } = this.#run
    for (const { worker, at } of this.#unrecorded.splice(0)) ledger.record(worker, countsOf('200'), at)
    const before = this.#highest.values
    const since = Date.now()
    const start = performance.now()
    let exposition: string | null
    try {
      exposition = await this.#fetch(format, isCompressed)
    } catch (err) {
      ledger.recordUncertain(countsOf('200'), countsOf('499'))
      this.interrupted++
      if (!await service.explainsFailure(since)) faults.add(`a scrape failed: ${String(err)}`)
      return null
    }
    if (exposition === null) return null
    const milliseconds = performance.now() - start
    this.durations.push(milliseconds)
    try {
      const families = checkStructure(exposition, format)
      const counters = readCounters(families)
      for (const decrease of findDecreases(before, counters)) faults.add(`decreased: ${decrease}`)
      this.#highest.raise(counters)
      this.series = families.reduce((sum, { samples }) => sum + samples.length, 0)
      return { families, counters, milliseconds }
    } catch (err) {
      faults.add(`a scrape is malformed: ${String(err)}`)
      return null
    }
  }

  /** Returns the text; `null` if the worker closes its server. */
  async #fetch (format: FormatName, isCompressed: boolean): Promise<string | null> {
    const { faults, service } = this.#run
    const signal = AbortSignal.timeout(MAX_DURATION)
    const sent = request(`${service.origin}/metrics`, {
      agent: false,
      rejectUnauthorized: false,
      signal,
      headers: { accept: ACCEPT[format], 'accept-encoding': isCompressed ? 'gzip' : 'identity' }
    }).end()
    // Node never closes a connection that the primary passes to a worker that is just killed.
    let isConnected = false
    sent.once('socket', socket => { socket.once('secureConnect', () => { isConnected = true }) })
    try {
      return await this.#read(sent)
    } catch (err) {
      if (signal.aborted && isConnected) faults.add('a scrape took too long')
      throw err
    }
  }

  async #read (sent: ClientRequest): Promise<string | null> {
    const { faults, service } = this.#run
    const [response] = await once(sent, 'response') as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    if (response.statusCode === 503 && await service.explainsFailure(Date.now())) return null
    if (response.statusCode !== 200) faults.add(`a scrape got the status ${response.statusCode}`)
    this.#unrecorded.push({ worker: Number(response.headers[WORKER_HEADER]), at: Date.now() })
    const body = Buffer.concat(chunks)
    return String(response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
  }
}
