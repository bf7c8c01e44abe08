import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PROTOCOLS } from './clients.js'
import { listServices } from './directory.js'
import { Faults } from './faults.js'
import { keyOf, nameOf } from './keys.js'
import { Ledger } from './ledger.js'
import { checkClosed, Resources } from './resources.js'
import type { SoakRun } from './run.js'
import { Scraper } from './scraper.js'
import type { Scrape } from './scraper.js'
import { Service } from './service.js'
import { runUser } from './users.js'

export interface SoakOptions {
  /** How long clients send requests, in seconds. */
  readonly seconds: number
  readonly seed: number
  /** Workers that are ended at random. @default 4 */
  readonly workers?: number
  /** @default 16 */
  readonly users?: number
  /** The average time between the ends of two workers, in milliseconds. @default 1500 */
  readonly pause?: number
  /** Called now and then with how far the run is. */
  readonly onProgress?: (line: string) => void
}

export interface SoakReport {
  readonly summary: readonly string[]
  /** Empty if all is well. */
  readonly faults: readonly string[]
}

/** How long the processes may take to finish what they do, in milliseconds. */
const MAX_SETTLE = 60_000
/** Measurements in a run. */
const SAMPLES = 60

/** Runs a service of several processes that clients use and misuse, while its processes end, and checks its metrics. */
export async function runSoak (options: SoakOptions): Promise<SoakReport> {
  const temporaryDirectory = mkdtempSync(join(tmpdir(), 'soak-'))
  const faults = new Faults()
  const soak = new Soak({ workers: 4, users: 16, pause: 1500, ...options }, temporaryDirectory, faults)
  try {
    await soak.run()
  } catch (err) {
    faults.add(`the soak failed: ${err instanceof Error ? err.stack : String(err)}`)
  } finally {
    await soak.stop()
    rmSync(temporaryDirectory, { recursive: true, force: true, maxRetries: 10 })
  }
  return { summary: soak.summary, faults: faults.list }
}

type Settings = Required<Omit<SoakOptions, 'onProgress'>> & Pick<SoakOptions, 'onProgress'>

class Soak {
  readonly summary: string[] = []
  readonly #settings: Settings
  readonly #temporaryDirectory: string
  readonly #faults: Faults
  readonly #ledger = new Ledger()
  readonly #services: Service[] = []
  readonly #resources: Resources

  constructor (settings: Settings, temporaryDirectory: string, faults: Faults) {
    this.#settings = settings
    this.#temporaryDirectory = temporaryDirectory
    this.#faults = faults
    this.#resources = new Resources(temporaryDirectory)
  }

  async run (): Promise<void> {
    const service = await this.#start(this.#settings.workers)
    const run: SoakRun = { service, ledger: this.#ledger, faults: this.#faults, isOver: false }
    const scraper = new Scraper(run)
    await scraper.scrape('text')
    const before = await service.report({ isIdle: true })
    await this.#disturb(run, scraper)
    const final = await this.#settledScrape(scraper)
    for (const fault of this.#ledger.compare(final.counters)) this.#faults.add(`impossible: ${fault}`)
    this.#checkErrors(final)
    await this.#replaceAll(service, scraper, final)
    checkClosed(this.#faults, before, await service.report({ isIdle: true }))
    // One more is never killed, and one may start before another one ends.
    this.#resources.check(this.#faults, { processes: this.#settings.workers + 2, requests: this.#ledger.requests })
    this.#summarise(service, scraper, final)
    await service.kill()
    await this.#restart()
  }

  /** Ends all processes. */
  async stop (): Promise<void> {
    for (const service of this.#services) await service.stop()
  }

  async #start (workers: number): Promise<Service> {
    const service = await Service.start({
      workers,
      seed: this.#settings.seed,
      temporaryDirectory: this.#temporaryDirectory,
      ledger: this.#ledger,
      faults: this.#faults
    })
    this.#services.push(service)
    return service
  }

  /** Sends requests while workers end. */
  async #disturb (run: SoakRun, scraper: Scraper): Promise<void> {
    const { seconds, seed, users, pause, workers } = this.#settings
    const end = Date.now() + 1000 * seconds
    if (workers > 0) run.service.disturb(pause)
    const running = Promise.all([
      ...Array.from({ length: users }, (_, i) => runUser(run, PROTOCOLS[i % PROTOCOLS.length] ?? 'HTTP/1', seed + i)),
      scraper.repeat(seed + users),
      scraper.repeat(seed + users + 1)
    ])
    running.catch(() => {}) // it is awaited below
    try {
      while (Date.now() < end) {
        await delay(Math.min(1000 * seconds / SAMPLES, end - Date.now()))
        await this.#measure(run, scraper)
      }
      await run.service.calm()
    } finally {
      run.isOver = true
      await running
    }
  }

  async #measure ({ service }: SoakRun, scraper: Scraper): Promise<void> {
    this.#resources.add(await service.report({ isIdle: false }), scraper.series)
    this.#ledger.settle()
    this.#settings.onProgress?.(`${this.#ledger.requests} requests, ${service.ends.kill} kills, ` +
      `${scraper.durations.length} scrapes, ${this.#faults.list.length} faults`)
  }

  /** Scrapes until no request is in flight, and nothing but the scrapes is counted. */
  async #settledScrape (scraper: Scraper): Promise<Scrape> {
    const end = Date.now() + MAX_SETTLE
    for (let last: Scrape | null = null; Date.now() < end;) {
      const scrape = await scraper.scrape('text')
      if (scrape !== null && last !== null && isIdle(scrape) && countsOf(scrape) === countsOf(last)) return scrape
      last = scrape
      await delay(1500)
    }
    throw new Error('The service is not idle')
  }

  /** Ends all workers in each way. Nothing is lost, since no request has ended recently. */
  async #replaceAll (service: Service, scraper: Scraper, final: Scrape): Promise<void> {
    const before = countsOf(final)
    for (const kind of ['reload', 'close', 'exit', 'kill'] as const) {
      await service.replace(kind)
      const after = countsOf(await this.#settledScrape(scraper))
      if (before !== after) this.#faults.add(`the counts changed when all workers ended by '${kind}'`)
    }
  }

  #checkErrors ({ families }: Scrape): void {
    for (const { name, samples } of families) {
      if (!name.startsWith('dynoai_metrics_errors')) continue
      for (const { labels, value } of samples) {
        if (value > 0) this.#faults.add(`${value} errors of ${[...labels.values()].join()}`)
      }
    }
  }

  /** Another primary begins anew, and clears what the first one left. */
  async #restart (): Promise<void> {
    const [old] = listServices(this.#temporaryDirectory)
    const service = await this.#start(0)
    const scraper = new Scraper({ service, ledger: new Ledger(), faults: this.#faults, isOver: false })
    const { counters } = await this.#settledScrape(scraper)
    const count = counters.get(keyOf('dynoai_requests_total', { method: 'GET', status: '200' })) ?? 0
    if (count > 0) this.#faults.add(`a new service begins with ${count} requests`)
    const end = Date.now() + MAX_SETTLE
    while (listServices(this.#temporaryDirectory).includes(old ?? '')) {
      if (Date.now() > end) {
        this.#faults.add('the directory of a service that was killed is not removed')
        return
      }
      await delay(100)
    }
  }

  #summarise (service: Service, scraper: Scraper, { counters }: Scrape): void {
    const durations = scraper.durations.toSorted((a, b) => a - b)
    const quantile = (share: number): string => durations[Math.floor(share * (durations.length - 1))]?.toFixed(0) ?? ''
    const name = 'dynoai_request_duration_seconds_count'
    const [low] = this.#ledger.sumOf(name)
    const counted = [...counters].reduce((sum, [key, value]) => nameOf(key) === name ? sum + value : sum, 0)
    this.summary.push(
      `requests and scrapes: ${this.#ledger.requests}, of which ${this.#ledger.requestsAtRisk} were at risk when a ` +
        `worker ended; requests counted: ${counted}, at least ${low} had to be`,
      `ends of workers: ${Object.entries(service.ends).map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
      `scrapes: ${durations.length}, ${scraper.interrupted} without a response; ` +
        `milliseconds: median ${quantile(0.5)}, 99 % ${quantile(0.99)}, longest ${quantile(1)}`,
      ...this.#resources.summary
    )
  }
}

/** The counters that scrapes do not change, and the gauges of requests in flight, as text. */
function countsOf ({ counters }: Scrape): string {
  const counts = [...counters].filter(([key]) => key.startsWith('dynoai_') && !key.startsWith('dynoai_metrics_'))
  return JSON.stringify(counts.sort(([a], [b]) => a < b ? -1 : 1))
}

function isIdle ({ families }: Scrape): boolean {
  const gauges = families.filter(({ name }) => ['dynoai_requests_in_flight', 'dynoai_active_analyses'].includes(name))
  return gauges.length === 2 && gauges.every(({ samples }) => samples.every(({ value }) => value === 0))
}
