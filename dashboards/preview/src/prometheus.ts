import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findTool } from '../../../test/fixtures/integration/tools.js'

const READY_WITHIN_MS = 30_000

/** What is scraped, and the name it goes by. */
export interface Target {
  readonly address: string
  readonly instance: string
}

export interface Answer {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly values?: ReadonlyArray<readonly [number, string]>
}

/** A Prometheus on loopback that keeps nothing. */
export interface Prometheus {
  query (expr: string, time: number): Promise<Answer[]>
  queryRange (expr: string, range: { start: number, end: number, step: number }): Promise<Answer[]>
  close (): Promise<void>
}

/** Starts a Prometheus with rules that scrapes every second; resolves when it answers. */
export async function startPrometheus (targets: readonly Target[], rules: readonly string[]): Promise<Prometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'dynoai-pictures-'))
  for (const [i, file] of rules.entries()) {
    // Every 30 seconds is right for a service, but leaves a picture of minutes few steps.
    writeFileSync(join(dir, `rules-${i}.yml`), readFileSync(file, 'utf8').replace(/^( +interval): .*$/gm, '$1: 5s'))
  }
  const statics = targets.map(({ address, instance }) => ({ targets: [address], labels: { instance } }))
  // JSON is YAML.
  writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '5s' },
    rule_files: ['rules-*.yml'],
    scrape_configs: [{ job_name: 'dynoai', static_configs: statics }]
  }))

  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const child = spawn(findTool('prometheus'), [
    `--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'
  ], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')

  const close = async () => {
    child.kill()
    await ended
    rmSync(dir, { recursive: true, force: true })
  }
  const ask = async (path: string, parameters: Record<string, string>): Promise<Answer[]> => {
    const response = await fetch(`${origin}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) })
    const { data, error } = await response.json() as { data?: { result: Answer[] }, error?: string }
    if (data === undefined) throw new Error(`${error}: ${parameters['query']}`)
    return data.result
  }

  const deadline = Date.now() + READY_WITHIN_MS
  while (!await fetch(`${origin}/-/ready`).then(({ ok }) => ok, () => false)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close()
      throw new Error('Prometheus does not start.')
    }
    await sleep(100)
  }
  return {
    query: (query, time) => ask('query', { query, time: String(time) }),
    queryRange: (query, { start, end, step }) => ask('query_range', { query, start: String(start), end: String(end), step: String(step) }),
    close
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
