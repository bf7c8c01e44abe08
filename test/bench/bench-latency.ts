import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { SCRAPE_TARGETS, SERIES } from './bench-scrapes.js'
import { startChild } from './child.js'
import type { LatencyResult } from './results.js'
import { interleave } from './rounds.js'
import { medianRatio, summarise } from './statistics.js'

const ROUNDS = 12
/** Duration of one measurement, in milliseconds. */
const WINDOW = 6000
/** Interval of the requests, in milliseconds. */
const INTERVAL = 4

/** A server process with many series. */
interface ScrapedServer {
  /** Returns the 99th percentile of request latencies in milliseconds, with one scrape a second or without scrapes. */
  measure (isScraped: boolean): Promise<number>
  close (): Promise<void>
}

/** Measures the latency of requests with and without scrapes. */
export async function benchLatency (): Promise<LatencyResult[]> {
  const servers: ScrapedServer[] = []
  for (const name of SCRAPE_TARGETS) servers.push(await startScrapedServer(name))
  const cases = servers.flatMap(server => [false, true].map(isScraped => async () => await server.measure(isScraped)))
  const results = await interleave(ROUNDS, cases)
  await Promise.all(servers.map(server => server.close()))
  return SCRAPE_TARGETS.map((name, i) => {
    const [alone = [], scraped = []] = results.slice(2 * i)
    return { name, alone: summarise(alone), scraped: summarise(scraped), ratio: medianRatio(scraped, alone) }
  })
}

/** Starts a server process, and a process that scrapes it. */
async function startScrapedServer (name: string): Promise<ScrapedServer> {
  const server = await startChild<{ origin: string }, never>('scrape-process.js', [name, SERIES], [])
  const { origin } = server.ready
  const scraper = await startChild<object, { scrapes: number }>('scraper-process.js', [`${origin}/metrics`], [])
  const agent = new Agent({ keepAlive: true })
  return {
    async measure (isScraped) {
      if (isScraped) await scraper.request()
      const latencies = await sendSteadily(`${origin}/api/r0/1`, agent)
      if (isScraped && (await scraper.request()).scrapes < WINDOW / 1000 - 2) throw new Error(`${name} was not scraped`)
      latencies.sort((a, b) => a - b)
      return latencies[Math.floor(latencies.length * 0.99)] ?? NaN
    },
    async close () {
      agent.destroy()
      await Promise.all([scraper.close(), server.close()])
    }
  }
}

// Sends at fixed times, without waiting for earlier responses. A client that waits sends no requests while the server
// is blocked, so it would hardly measure the block.
async function sendSteadily (url: string, agent: Agent): Promise<number[]> {
  const latencies: number[] = []
  const pending: Array<Promise<void>> = []
  const begin = performance.now()
  for (let i = 0; i < WINDOW / INTERVAL; i++) {
    const wait = begin + i * INTERVAL - performance.now()
    if (wait > 0) await delay(wait)
    const start = performance.now()
    pending.push(new Promise((resolve, reject) => {
      get(url, { agent }, response => {
        response.resume()
        response.once('end', () => {
          latencies.push(performance.now() - start)
          resolve()
        })
      }).once('error', reject)
    }))
  }
  await Promise.all(pending)
  return latencies
}
