import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import ts from 'typescript'
import { parse } from 'yaml'
import { dynoaiMetrics } from '../lib/plugin.js'
import { createFastify } from './fixtures/app.js'
import { root } from './fixtures/root.js'

const read = (name: string): string => readFileSync(new URL(name, root), 'utf8')
const exists = (name: string): boolean => existsSync(new URL(name, root))
const readme = read('README.md')
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts

const snippets = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code ?? '')

/** The cells of the table below a heading, a row each, without the header. */
function table (heading: string): string[][] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return section.split('\n').filter(line => line.startsWith('| `')).map(line => line.split('|').slice(1, -1).map(cell => cell.trim()))
}
const code = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '')

t.test('every fenced block is of a language that is tested here', async t => {
  const languages = [...readme.matchAll(/^```(\w+)$/gm)].map(([, language]) => language)
  t.strictSame([...new Set(languages)].sort(), ['sh', 'ts', 'yaml'])
})

t.test('every TypeScript snippet compiles', async t => {
  const dir = t.testdir(Object.fromEntries(snippets('ts').map((snippet, i) => [`snippet-${i}.ts`, snippet])))
  const config = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, '.')
  const files = snippets('ts').map((_, i) => join(dir, `snippet-${i}.ts`))
  // The declarations that users get; whether lib compiles is known.
  const paths = { 'dynoai-metrics': ['./dist/types/index.d.mts'] }
  const program = ts.createProgram(files, { ...options, noEmit: true, paths })
  const diagnostics = files.flatMap(file => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
  const messages = diagnostics.map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  t.strictSame(messages, [])
  t.ok(files.length >= 5)
})

t.test('every TypeScript snippet that ends by itself runs', async t => {
  const runnable = snippets('ts').filter(snippet => snippet.includes('fastify.close()'))
  t.equal(runnable.length, 4)
  for (const snippet of runnable) {
    const { outputText } = ts.transpileModule(snippet, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 } })
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', outputText])
  }
})

t.test('every shell snippet is a command of this package', async t => {
  for (const command of snippets('sh').flatMap(snippet => snippet.trim().split(' && '))) {
    const [, file] = /^docker compose -f (\S+) up$/.exec(command) ?? []
    if (file !== undefined) {
      t.ok(exists(file), command)
      continue
    }
    const [, run, test] = /^npm (?:run (\S+)|(test|start))$/.exec(command) ?? []
    const script = run ?? test
    t.ok(script === undefined ? ['npm ci', 'npm install dynoai-metrics'].includes(command) : script in scripts, command)
  }
})

t.test('every script that contributors are told of exists', async t => {
  const names = [...read('CONTRIBUTING.md').matchAll(/\bnpm run ([a-z:]+)/g)].map(([, name]) => name ?? '')
  t.ok(names.length > 10)
  for (const name of names) t.ok(name in scripts, name)
})

t.test('CI runs the test command', async t => {
  t.match(read('.ci/run'), "grep -m 1 -x 'npm ci && npm test' README.md")
  t.ok(snippets('sh').includes('npm ci && npm test\n'))
})

t.test('the scrape job is one that Prometheus takes, and reads the example service', async t => {
  const [job] = snippets('yaml')
  t.strictSame(parse(job ?? ''), { scrape_configs: [{ job_name: 'dynoai', static_configs: [{ targets: ['localhost:5001'] }] }] })
})

t.test('the rules that Prometheus is told to load are those of the package', async t => {
  const [, rules] = snippets('yaml')
  const { rule_files: files }: { rule_files: string[] } = parse(rules ?? '')
  t.strictSame(files.map(file => file.replace(/^node_modules\/dynoai-metrics\//, '')), ['dashboards/rules/recording.yml', 'dashboards/rules/alerts.yml'])
  for (const file of files) t.ok(exists(file.replace(/^node_modules\/dynoai-metrics\//, '')), file)
})

t.test('the table of metrics is what an instance has', async t => {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { requests: { sizes: true } })
  await fastify.inject('/x')
  const types: Record<string, string> = {}
  const labels: Record<string, string[]> = {}
  const buckets: Record<string, string> = {}
  for (const metric of await fastify.metrics.registry.getMetricsAsJSON()) {
    const { name, values } = metric
    if (!name.startsWith('dynoai_')) continue
    const own = values as ReadonlyArray<{ labels: Record<string, string | number>, metricName?: string }>
    types[name] = String(metric.type)
    labels[name] = [...new Set(own.flatMap(({ labels }) => Object.keys(labels)))].filter(label => label !== 'le').sort()
    const bounds = [...new Set(own.map(({ labels }) => labels['le']))].filter(bound => typeof bound === 'number')
    if (bounds.length > 0) buckets[name] = bounds.join(' ').replace(/(?<!\d)0\./g, '.')
  }
  // What can never overflow has no such series yet, and so no labels to see.
  labels['dynoai_metrics_overflow_total'] = ['metric']

  const rows = table('Metrics').filter(([name]) => name?.startsWith('`dynoai_'))
  t.strictSame(Object.fromEntries(rows.map(([name, type]) => [code(name)[0], type])), types)
  t.strictSame(Object.fromEntries(rows.map(([name, , cell]) => [code(name)[0], code(cell).filter(label => label !== 'appInfo').sort()])), labels)
  for (const [name, , , text] of rows) t.equal(/buckets (.*)$/.exec(text ?? '')?.[1], buckets[code(name)[0] ?? ''], name ?? '')
})

t.test('the table of options is what the plugin takes', async t => {
  const error = await createFastify(t).register(dynoaiMetrics, { unknown: 1 } as object).then(() => undefined, (err: Error) => err)
  const known = /known are (.*)\. Received/.exec(error?.message ?? '')?.[1]?.split(', ') ?? []
  t.strictSame([...table('Options').map(([name]) => code(name)[0]), 'prefix', 'logLevel', 'logSerializers'], known)

  const variables = [...new Set([...read('lib/options/options.ts').matchAll(/'(METRICS_[A-Z_]+)'/g)].map(([, name]) => name))]
  t.strictSame(table('Options').flatMap(([, variable]) => code(variable)), variables)
})

t.test('every link to a file leads to one', async t => {
  const targets = [...readme.matchAll(/\]\(((?!https?:|#)[^)]+)\)/g)].map(([, target]) => target ?? '')
  t.ok(targets.length > 3)
  for (const target of targets) t.ok(exists(target), target)
})

t.test('the table of the endpoint is what its option takes', async t => {
  const error = await createFastify(t).register(dynoaiMetrics, { endpoint: { unknown: 1 } } as object).then(() => undefined, (err: Error) => err)
  const known = /known are (.*)\. Received/.exec(error?.message ?? '')?.[1]?.split(', ')
  t.strictSame(['endpoint.…', ...known ?? []], table('The endpoint').map(([name]) => code(name)[0]))
})

t.test('every link within the page leads somewhere', async t => {
  const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => `#${heading?.toLowerCase().replaceAll(' ', '-')}`)
  for (const [, target] of readme.matchAll(/\]\((#[^)]+)\)/g)) t.ok(anchors.includes(target ?? ''), target ?? '')
})
