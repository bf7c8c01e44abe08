import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findTool } from '../../../test/fixtures/integration/tools.js'

const READY_TIMEOUT_MS = 30_000

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

/** Starts a Prometheus with rules that scrapes every second. Resolves when it is ready. */
export async function startPrometheus (targets: readonly Target[], rules: readonly string[]): Promise<Prometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'dynoai-pictures-'))
  for (const [i, file] of rules.entries()) {
    // The interval of 30 seconds would result in too few points for a screenshot of some minutes.
    const text = readFileSync(file, 'utf8').replace(/^( +interval): .*$/gm, '$1: 5s')
    writeFileSync(join(dir, `rules-${i}.yml`), text)
  }
  const staticConfigs = targets.map(({ address, instance }) => ({ targets: [address], labels: { instance } }))
  // JSON is YAML.
  writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '5s' },
    rule_files: ['rules-*.yml'],
    scrape_configs: [{ job_name: 'dynoai', static_configs: staticConfigs }]
  }))

  const port = await findFreePort()
  const origin = `http://127.0.0.1:${port}`
  const child = spawn(findTool('prometheus'), [
    `--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'
  ], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')

  const close = async () => {
    child.kill()
    await exited
    rmSync(dir, { recursive: true, force: true })
  }
  const request = async (path: string, parameters: Record<string, string>): Promise<PrometheusSeries[]> => {
    const response = await fetch(`${origin}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) })
    const { data, error } = await response.json() as { data?: { result: PrometheusSeries[] }, error?: string }
    if (data === undefined) throw new Error(`${error}: ${parameters['query']}`)
    return data.result
  }

  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!await fetch(`${origin}/-/ready`).then(({ ok }) => ok, () => false)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close()
      throw new Error('Prometheus did not start.')
    }
    await sleep(100)
  }
  return {
    query: (query, time) => request('query', { query, time: String(time) }),
    queryRange: (query, { start, end, step }) =>
      request('query_range', { query, start: String(start), end: String(end), step: String(step) }),
    close
  }
}

async function findFreePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
