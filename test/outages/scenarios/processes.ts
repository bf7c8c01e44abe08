import type { Scenario } from '../scenario.js'
import { stopLast } from './actions.js'
import { request } from '../traffic.js'
import type { Destination } from '../traffic.js'

/** Another scraper, which has no token once something is broken. */
async function scrape (to: Destination): Promise<void> {
  await request(to, '/metrics', { headers: { authorization: to.isBroken() ? 'Bearer old' : 'Bearer token' } })
}

/** Outages of a process, of its metrics and of its endpoint. */
export const processScenarios: readonly Scenario[] = [
  {
    job: 'blocked-loop',
    outage: 'the event loop is blocked in bursts, for a fifth of the time',
    how: '0.4 s in every 2 s: the limit of 100 ms is real, and a window of 5 s must have several bursts',
    expected: ['DynoaiEventLoopLagging'],
    isShort: true,
    services: ['blockLoop'],
    isIsolated: true
  },
  {
    job: 'stuck-process',
    outage: 'one of several processes behind a target is stuck',
    how: 'SIGSTOP of a process that shares its metrics with the one that is scraped',
    expected: ['DynoaiWorkerStale'],
    isShort: true,
    services: ['answerForAll', 'writeOnly'],
    discovered: 1,
    isIsolated: true,
    act: stopLast
  },
  {
    job: 'leak',
    outage: 'memory grows',
    how: '0.6 MiB per second are kept',
    expected: ['DynoaiMemoryGrowing'],
    isShort: false,
    services: ['leak'],
    isIsolated: true
  },
  {
    job: 'descriptors',
    outage: 'file descriptors run out',
    how: 'files are opened until 85 % of the limit of 256 is used',
    expected: ['DynoaiDescriptorsRunningOut'],
    isShort: true,
    services: ['openFiles'],
    isIsolated: true,
    maxFiles: 256
  },
  {
    job: 'slow-scrapes',
    outage: 'scrapes are slow',
    how: 'a collector waits for 1.3 s; the scrape interval of this job is 2 s',
    expected: ['DynoaiScrapeSlow'],
    isShort: true,
    services: ['collectSlowly'],
    scraping: { scrape_interval: '2s', scrape_timeout: '2s' }
  },
  {
    job: 'refused-scrapes',
    outage: 'the endpoint refuses one of two scrapers',
    how: 'its token is wrong',
    expected: ['DynoaiScrapesRefused'],
    isShort: true,
    services: ['requireToken'],
    scraping: { authorization: { credentials: 'token' } },
    traffic: [{}, { perSecond: 2, send: scrape }]
  },
  {
    job: 'wrong-calls',
    outage: '`dynoai_metrics_errors_total` rises',
    how: 'a wrong label value every second',
    expected: ['DynoaiMetricsFailing errors'],
    isShort: true,
    services: ['callWrongly']
  },
  {
    job: 'too-many-series',
    outage: '`dynoai_metrics_overflow_total` rises',
    how: 'a new label value every second, with `maxSeries: 10`',
    expected: ['DynoaiMetricsFailing overflow'],
    isShort: true,
    services: ['labelWithoutLimit']
  }
]
