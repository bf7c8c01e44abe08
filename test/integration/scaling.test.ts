import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { runPromtool } from '../fixtures/integration/promtool.js'
import { findTool } from '../fixtures/integration/tools.js'
import { root } from '../fixtures/root.js'

const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const run = promisify(execFile)

t.test('Prometheus accepts the configurations of docs/scaling.md', async t => {
  const snippets = [...read('docs/scaling.md').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, code]) => code ?? '')
  t.ok(snippets.length > 0)
  for (const [i, snippet] of snippets.entries()) {
    const file = join(t.testdir(), `${i}.yml`)
    writeFileSync(file, snippet)
    t.equal(await runPromtool('check', 'config', file), '', snippet)
  }
})

t.test('an agent accepts its configuration, and finds its targets', async t => {
  t.equal(await runPromtool('check', 'config', '--agent', 'examples/agent/prometheus-agent.yml'), '')
})

t.test('Prometheus accepts the configuration of the containers', async t => {
  const { scrape_configs: jobs, ...configuration } = parse(read('examples/containers/prometheus.yml'))
  // Some builds of Prometheus have no discovery by DNS.
  const staticJobs = jobs.map(({ dns_sd_configs: dns, ...job }: { dns_sd_configs: Array<{ names: string[] }> }) =>
    ({ ...job, static_configs: dns.map(({ names }) => ({ targets: names })) }))
  const file = join(t.testdir(), 'prometheus.yml')
  writeFileSync(file, stringify({ ...configuration, scrape_configs: staticJobs }))
  t.equal(await runPromtool('check', 'config', file), '')
})

t.test('systemd accepts the units of the examples', async t => {
  const folder = fileURLToPath(new URL('examples/systemd/', root))
  const files = ['dynoai@.service', 'dynoai.socket'].map(name => folder + name)
  // It only warns of unknown settings.
  const { stderr } = await run(findTool('systemd-analyze'), ['verify', ...files])
  t.equal(stderr, '')
})
