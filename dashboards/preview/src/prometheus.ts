import { readFileSync } from 'node:fs'
import { startPrometheus as startServer } from '../../../test/fixtures/integration/prometheus.js'
import type { Owner } from '../../../test/fixtures/integration/start-server.js'

/** An address to scrape, and the value of its `instance` label. */
export interface Target {
  readonly address: string
  readonly instance: string
}

/** A time range and the interval between two points, in seconds. */
export interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** A series of a query's result: `value` for an instant query, `values` for a range query. */
export interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: ReadonlyArray<readonly [number, string]>
}

/** A Prometheus on loopback. Its data is deleted when it is closed. */
export interface Prometheus {
  query (expr: string, time: number): Promise<PrometheusSeries[]>
  queryRange (expr: string, range: Range): Promise<PrometheusSeries[]>
  close (): Promise<void>
}

interface PrometheusOptions {
  readonly targets: readonly Target[]
  /** Rule files. */
  readonly rules: readonly string[]
  /** Writes older samples into the storage. */
  prepareStorage (directory: string): void
}

/**
 * Starts the Prometheus of the integration tests, with rules. It scrapes every second, and also ends when this process
 * is killed. Resolves when it is ready.
 */
export async function startPrometheus ({ targets, rules, prepareStorage }: PrometheusOptions): Promise<Prometheus> {
  // The interval of 30 seconds would result in too few points for a screenshot of some minutes.
  const files = Object.fromEntries(rules.map((file, i) =>
    [`rules-${i}.yml`, readFileSync(file, 'utf8').replace(/^( +interval): .*$/gm, '$1: 5s')]))
  const staticConfigs = targets.map(({ address, instance }) => ({ targets: [address], labels: { instance } }))
  const ends: Array<() => Promise<void>> = []
  const owner: Owner = { teardown: end => { ends.push(end) } }
  const close = async (): Promise<void> => { for (const end of ends) await end() }
  const prometheus = await startServer(owner, {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '5s' },
    rule_files: ['rules-*.yml'],
    scrape_configs: [{ job_name: 'dynoai', static_configs: staticConfigs }]
  }, { files, prepareStorage, flags: ['--storage.tsdb.retention.time=90d'] })
  return {
    query: async (expr, time) => await prometheus.query(expr, time),
    queryRange: async (expr, range) => await prometheus.queryRange(expr, range),
    close
  }
}
