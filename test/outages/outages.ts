import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { startPrometheus } from '../fixtures/integration/prometheus.js'
import type { Prometheus } from '../fixtures/integration/prometheus.js'
import { readFired } from './fired.js'
import type { FiredAlert } from './fired.js'
import { judge } from './judge.js'
import { Responses } from './responses.js'
import { writeScaledRules } from './rules.js'
import type { Scenario } from './scenario.js'
import { startJobs } from './start-jobs.js'
import type { RunningScenario } from './start-jobs.js'
import { sendTraffic } from './traffic.js'

export interface RunOptions {
  /** The time between scrapes, and between evaluations. A second stands for a minute. */
  readonly interval: '500ms' | '1s'
  /** How many seconds everything is healthy first. */
  readonly healthy: number
  /** How many seconds the services are broken. */
  readonly broken: number
  /** Whether the run ends as soon as all expected alerts fire. */
  readonly endsEarly: boolean
  readonly onProgress: (line: string) => void
}

/** What a run has found. */
export interface OutagesRun {
  /** The version of Prometheus. */
  readonly prometheus: string
  readonly interval: string
  /** When each scenario was broken, in seconds of Unix time. */
  readonly brokenAt: ReadonlyMap<Scenario, number>
  /** When the alerts were read, in the same unit. */
  readonly endedAt: number
  readonly fired: ReadonlyMap<string, readonly FiredAlert[]>
  readonly faults: readonly string[]
}

const TRAFFIC = [{}]
const now = (): number => Date.now() / 1000

/** Breaks real services under clients, while a Prometheus with scaled rules watches them. The test ends all of it. */
export async function runOutages (
  t: Test, scenarios: readonly Scenario[], { interval, healthy, broken, endsEarly, onProgress }: RunOptions
): Promise<OutagesRun> {
  const directory = await mkdtemp(join(tmpdir(), 'outages-'))
  t.teardown(async () => { await rm(directory, { recursive: true }) })
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const running = await startJobs(scenarios, {
    directory,
    onProcess: process => { t.teardown(async () => await process.kill()) }
  })
  // Teardowns run last-in first-out: clients end before their services.
  t.teardown(() => { ending.abort() })
  const jobs = running.flatMap(({ scenario: { scraping }, job, twin }) =>
    [job, twin].filter(one => one !== undefined).map(one => one.scrapeConfig(scraping)))
  onProgress(`${running.length} scenarios, ${jobs.length} jobs`)
  const prometheus = await startPrometheus(t, {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: await writeScaledRules(directory),
    scrape_configs: jobs
  })
  const targets = running.flatMap(({ scenario, job, twin }) =>
    [job, twin].flatMap(one => one?.targets.slice(0, scenario.discovered) ?? []))
  await prometheus.until(`count(min_over_time(up[5s]) == 1 and count_over_time(up[5s]) > 1) == ${targets.length}
    unless on () ALERTS{alertstate="firing"}`)
  onProgress(`${targets.length} targets are up`)
  const start = now()
  const brokenAt = new Map<Scenario, number>()
  const responses = new Responses()
  const { signal } = ending
  const sending = running.map(async scenario => await sendAll(scenario, { brokenAt, responses, signal }))
  await delay(1000 * healthy)

  onProgress('breaking')
  const acts = running.map(async ({ scenario, job }) => {
    brokenAt.set(scenario, now())
    await (scenario.act ?? (job => { job.break() }))(job, signal)
  })
  // Runs before the teardowns above: an act that restarts a process would start one after they have killed it.
  t.teardown(async () => {
    ending.abort()
    await Promise.allSettled(acts)
  })
  const failed = Promise.all(acts).then(async () => await new Promise<never>(() => {}))
  await Promise.race([failed, endsEarly ? untilFired(prometheus, scenarios, broken) : delay(1000 * broken)])

  const { version } = await prometheus.get<{ readonly version: string }>('status/buildinfo')
  const endedAt = now()
  const fired = await readFired(prometheus, endedAt - start)
  ending.abort()
  await Promise.all([...acts, ...sending])
  const outcomes = scenarios.map(scenario => ({ scenario, brokenAt: brokenAt.get(scenario) ?? 0 }))
  const faults = [...judge(outcomes, fired), ...responses.judge(scenarios)]
  return { prometheus: version, interval, brokenAt, endedAt, fired, faults }
}

interface Sending {
  readonly brokenAt: ReadonlyMap<Scenario, number>
  readonly responses: Responses
  readonly signal: AbortSignal
}

/** Sends the clients' requests to all instances of a scenario and of its twin. */
async function sendAll (
  { scenario, job, twin }: RunningScenario, { brokenAt, responses, signal }: Sending
): Promise<void> {
  await Promise.all([job, twin].filter(one => one !== undefined).flatMap(one => {
    const sinceBroken = (): number => one === job ? now() - (brokenAt.get(scenario) ?? Infinity) : -Infinity
    const onResponse = (path: string, status: number): void => { responses.add(one.name, path, status) }
    return one.targets.map(target => ({
      origin: `http://${target}`, signal, onResponse, sinceBroken, isBroken: () => sinceBroken() >= 0
    }))
  }).flatMap(destination => (scenario.traffic ?? TRAFFIC).map(async traffic => {
    await sendTraffic(destination, traffic)
  })))
}

/** Waits until all expected alerts fire, or until the time is over. */
async function untilFired (prometheus: Prometheus, scenarios: readonly Scenario[], seconds: number): Promise<void> {
  const end = now() + seconds
  while (now() < end) {
    const fired = await readFired(prometheus, seconds)
    const isMissing = scenarios.some(({ job, expected }) =>
      expected.some(title => !(fired.get(job) ?? []).some(alert => alert.title === title)))
    if (!isMissing) return
    await delay(1000)
  }
}
