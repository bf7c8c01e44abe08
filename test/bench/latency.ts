import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { startChild } from './child.js'

/** For how long latencies are measured at a time, in milliseconds, and how far requests are apart. */
const WINDOW = 6000
const EVERY = 4

/** A server with many series. */
export interface ScrapedServer {
  /** The 99th percentile of the latencies of requests, in milliseconds, while the server is scraped once a second or not. */
  measure (scraped: boolean): Promise<number>
  close (): Promise<void>
}

/** Starts a server process with as many series, and a process that scrapes it. */
export async function startScrapedServer (name: string, series: number): Promise<ScrapedServer> {
  const server = await startChild<{ origin: string }, never>('scrape-process.js', [name, series], [])
  const scraper = await startChild<object, { scrapes: number }>('scraper-process.js', [`${server.ready.origin}/metrics`], [])
  const agent = new Agent({ keepAlive: true })
  return {
    async measure (scraped) {
      if (scraped) await scraper.ask()
      const latencies = await sendSteadily(`${server.ready.origin}/api/r0/1`, agent)
      if (scraped && (await scraper.ask()).scrapes < WINDOW / 1000 - 2) throw new Error(`${name} was not scraped`)
      latencies.sort((a, b) => a - b)
      return latencies[Math.floor(latencies.length * 0.99)] ?? NaN
    },
    async close () {
      agent.destroy()
      await Promise.all([scraper.close(), server.close()])
    }
  }
}

// At fixed times, whatever became of the request before: one that waits for an answer would not send while a server stands
// still, and so would see little of that.
async function sendSteadily (url: string, agent: Agent): Promise<number[]> {
  const latencies: number[] = []
  const pending: Array<Promise<void>> = []
  const begin = performance.now()
  for (let i = 0; i < WINDOW / EVERY; i++) {
    const wait = begin + i * EVERY - performance.now()
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
