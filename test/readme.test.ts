import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import ts from 'typescript'
import { parse } from 'yaml'
import { errors } from '../lib/errors.js'
import { dynoaiMetrics } from '../lib/plugin.js'
import { createFastify } from './fixtures/app.js'
import { sharedDirectory } from './fixtures/processes/folder.js'
import { root } from './fixtures/root.js'

// Checks README.md and docs/*.md. Links are checked in all texts.

const read = (name: string): string => readFileSync(new URL(name, root), 'utf8')
const exists = (name: string): boolean => existsSync(new URL(name, root))
const references = readdirSync(new URL('docs', root)).filter(name => name.endsWith('.md'))
const documents = ['README.md', ...references.map(name => `docs/${name}`)]
const texts = [...documents, 'CHANGELOG.md', 'CONTRIBUTING.md', 'dashboards/RUNBOOK.md']
const readme = read('README.md')
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts

/** The code blocks of a language, in one document or in all. */
const snippets = (language: string, names = documents): string[] => names.flatMap(name =>
  [...read(name).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code ?? ''))

/** The cells of the table below a heading of a document, one array per row, without the header. */
function table (name: string, heading: string): string[][] {
  const section = read(name).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('| `'))
  return rows.map(line => line.split('|').slice(1, -1).map(cell => cell.trim()))
}
const code = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '')

/** The option names that the plugin knows, from its message about an unknown one. */
async function knownNames (options: object): Promise<string[]> {
  const error = await createFastify(t).register(dynoaiMetrics, options).then(() => undefined, (err: Error) => err)
  return /known are (.*)\. Received/.exec(error?.message ?? '')?.[1]?.split(', ') ?? []
}

/** Runs an ES module in the repository and returns its output; the package's own name is its build. */
async function run (module: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', module])
  return stdout
}

t.test('every fenced block has a language that is tested here', async t => {
  const fences = documents.flatMap(name => [...read(name).matchAll(/^```(.*)$/gm)].map(([, language]) => language))
  const opening = fences.filter((_, i) => i % 2 === 0)
  t.strictSame([...new Set(opening)].sort(), ['js', 'sh', 'text', 'ts', 'yaml'])
})

t.test('every TypeScript snippet compiles', async t => {
  const sources = snippets('ts')
  const dir = t.testdir(Object.fromEntries(sources.map((snippet, i) => [`snippet-${i}.ts`, snippet])))
  const config = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [] }, ts.sys, '.')
  const files = sources.map((_, i) => join(dir, `snippet-${i}.ts`))
  // The declarations that users get. Other checks compile lib.
  const paths = { 'dynoai-metrics': ['./dist/types/index.d.mts'] }
  const program = ts.createProgram(files, { ...options, noEmit: true, paths })
  const diagnostics = files.flatMap(file => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
  const messages = diagnostics.map(({ file, messageText }) =>
    `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
  t.strictSame(messages, [])
  t.ok(files.length >= 10)
})

t.test('every snippet that ends by itself runs, and a comment that shows a sample is right', async t => {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }
  const compiled = snippets('ts').map(snippet => ts.transpileModule(snippet, { compilerOptions }).outputText)
  const modules = [...snippets('js'), ...compiled]
  const runnable = modules.filter(module => module.includes('fastify.close()'))
  t.equal(runnable.length, 4)
  let shown = 0
  for (const module of runnable) {
    const printMetrics = 'console.log(await fastify.metrics.registry.metrics())\n$&'
    const output = await run(module.replace(/^await fastify\.close\(\)/m, printMetrics))
    for (const [, sample] of module.matchAll(/\/\/ (\w+\{.*\} \d+)$/gm)) {
      t.ok(output.split('\n').includes(sample ?? ''), sample ?? '')
      shown++
    }
  }
  t.equal(shown, 1)
})

const SERVERS = [
  { file: 'server.mjs', snippet: 0, port: 5001, lines: 10 },
  { file: 'shop.mjs', snippet: 1, port: 5002, lines: 3 }
]
for (const { file, snippet, port, lines } of SERVERS) {
  t.test(`the example ${file} of README responds as README shows`, async t => {
    const server = snippets('js', ['README.md'])[snippet] ?? ''
    const commands = snippets('sh', ['README.md']).flatMap(snippet => snippet.split('\n'))
    const curl = new RegExp(`^curl (?:-X ([A-Z]+) )?localhost:${port}(/\\S+)$`)
    const requests = commands.map(command => curl.exec(command)).filter(match => match !== null)
      .map(([, method = 'GET', url]) => ({ method, url }))
    t.equal(requests.length, 2)
    const listen = `await fastify.listen({ port: ${port} })\n`
    t.ok(server.endsWith(listen))
    const inject = `
      let response
      for (const request of ${JSON.stringify(requests)}) response = await fastify.inject(request)
      console.log(response.body)
      await fastify.close()`
    // How fast the request was is not compared.
    const withoutDurations = (text: string): string[] =>
      text.trim().split('\n').map(line => line.replace(/(,le="0\.\d+"\}) \d+$/, '$1'))
    const served = withoutDurations(await run(server.replace(listen, inject)))
    const expected = withoutDurations(snippets('text', ['README.md'])[snippet] ?? '')
    t.equal(expected.length, lines)
    t.strictSame(served.filter(line => expected.includes(line)), expected)
    t.ok(readme.includes(`\`${file}\``) && snippets('sh').includes(`node ${file}\n`), 'is started by its file name')
  })
}

t.test('every shell snippet is a command that works here', async t => {
  const others = ['npm ci', 'npm install dynoai-metrics fastify', ...SERVERS.map(({ file }) => `node ${file}`)]
  for (const command of snippets('sh').flatMap(snippet => snippet.trim().split(/ && |\n/))) {
    if (/^curl (?:-X POST )?localhost:500[12]\//.test(command)) continue
    const [, file] = /^docker compose -f (\S+) up$/.exec(command) ?? []
    if (file !== undefined) {
      t.ok(exists(file), command)
      continue
    }
    const [, example] = /^node dist\/(examples\/\S+)\.js$/.exec(command) ?? []
    if (example !== undefined) {
      t.ok(exists(`${example}.ts`), command)
      continue
    }
    const [, name, test] = /^npm (?:run (\S+)|(test|start))$/.exec(command) ?? []
    const script = name ?? test
    t.ok(script === undefined ? others.includes(command) : script in scripts, command)
  }
})

t.test('every script that contributors read about exists', async t => {
  const names = [...read('CONTRIBUTING.md').matchAll(/\bnpm run ([a-z:]+)/g)].map(([, name]) => name ?? '')
  t.ok(names.length > 10)
  for (const name of names) t.ok(name in scripts, name)
})

t.test('CI runs the test command', async t => {
  t.match(read('.ci/run'), "grep -m 1 -x 'npm ci && npm test' README.md")
  t.ok(snippets('sh', ['README.md']).includes('npm ci && npm test\n'))
})

t.test('README is short: the details are in docs', async t => {
  t.ok(readme.split('\n').length <= 251, `${readme.split('\n').length - 1} lines`)
})

t.test('the section "See it" begins with the two commands', async t => {
  t.match(readme, '\n## See it\n\n```sh\nnpm ci && npm run demo\n```\n\n```sh\nnpm ci && npm test\n```\n')
})

t.test('the scrape job is one that Prometheus accepts, and reads the example service', async t => {
  const [job] = snippets('yaml', ['README.md'])
  t.strictSame(parse(job ?? ''), {
    scrape_configs: [{ job_name: 'dynoai', static_configs: [{ targets: ['localhost:5001'] }] }]
  })
})

t.test('the scrape job of an endpoint with a token is one that Prometheus accepts', async t => {
  const [job] = snippets('yaml', ['docs/endpoint.md'])
  t.match(parse(job ?? ''), { scrape_configs: [{ job_name: 'dynoai', authorization: { credentials_file: String } }] })
})

t.test('the rules that Prometheus loads are those of the package', async t => {
  const [rules] = snippets('yaml', ['docs/dashboards.md'])
  const { rule_files: files }: { rule_files: string[] } = parse(rules ?? '')
  t.strictSame(
    files.map(file => file.replace(/^node_modules\/dynoai-metrics\//, '')),
    ['dashboards/rules/recording.yml', 'dashboards/rules/alerts.yml']
  )
  for (const file of files) t.ok(exists(file.replace(/^node_modules\/dynoai-metrics\//, '')), file)
})

t.test('the table of metrics is what an instance has', async t => {
  const directory = sharedDirectory(t)
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { requests: { sizes: true }, processes: { directory } })
  await fastify.inject('/x')
  const types: Record<string, string> = {}
  const labels: Record<string, string[]> = {}
  const buckets: Record<string, string> = {}
  for (const metric of await fastify.metrics.registry.getMetricsAsJSON()) {
    const { name, values } = metric
    if (!name.startsWith('dynoai_')) continue
    const samples = values as ReadonlyArray<{ labels: Record<string, string | number>, metricName?: string }>
    types[name] = String(metric.type)
    const names = new Set(samples.flatMap(({ labels }) => Object.keys(labels)))
    labels[name] = [...names].filter(label => label !== 'le').sort()
    const bounds = [...new Set(samples.map(({ labels }) => labels['le']))].filter(bound => typeof bound === 'number')
    if (bounds.length > 0) buckets[name] = bounds.join(' ').replace(/(?<!\d)0\./g, '.')
  }
  // A metric that never overflowed has no such series, and so no labels to read.
  labels['dynoai_metrics_overflow_total'] = ['metric']

  const rows = table('docs/metrics.md', 'All metrics').filter(([name]) => name?.startsWith('`dynoai_'))
  t.strictSame(Object.fromEntries(rows.map(([name, type]) => [code(name)[0], type])), types)
  const documented = rows.map(([name, , cell]) =>
    [code(name)[0], code(cell).filter(label => label !== 'appInfo').sort()])
  t.strictSame(Object.fromEntries(documented), labels)
  for (const [name, , , text] of rows) {
    t.equal(/buckets (.*)$/.exec(text ?? '')?.[1], buckets[code(name)[0] ?? ''], name ?? '')
  }
})

t.test('both tables of options have every option, in the order of the plugin, with its variables', async t => {
  const known = await knownNames({ unknown: 1 })
  const names = [...read('lib/options/options.ts').matchAll(/'(METRICS_[A-Z_]+)'/g)].map(([, name]) => name)
  const variables = [...new Set(names)]
  for (const rows of [table('README.md', 'Options'), table('docs/options.md', 'All options')]) {
    t.strictSame([...rows.map(([name]) => code(name)[0]), 'prefix', 'logLevel', 'logSerializers'], known)
    t.strictSame(rows.flatMap(([, variable]) => code(variable)).sort(), [...variables].sort())
  }
})

t.test('the tables of the endpoint, of requests and of processes have every name of their option', async t => {
  const endpoint = await knownNames({ endpoint: { unknown: 1 } })
  t.strictSame(['endpoint.…', ...endpoint], table('docs/endpoint.md', 'Options').map(([name]) => code(name)[0]))
  const requests = await knownNames({ requests: { unknown: 1 } })
  const documented = table('docs/requests.md', 'Options').map(([name]) => code(name)[0])
  t.strictSame(['requests.…', ...requests].sort(), documented.sort())
  const processes = await knownNames({ processes: { unknown: 1 } })
  const names = table('docs/options.md', 'Several processes').map(([name]) => code(name)[0])
  t.strictSame(names, processes.map(name => `processes.${name}`))
})

/** The anchors that GitHub makes of the headings of a text. */
function anchors (text: string): string[] {
  const headings = text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
}

t.test('every link leads to a file, and to a heading of it', async t => {
  let files = 0
  let headings = 0
  for (const name of texts) {
    for (const [, file, anchor] of read(name).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const target = file === '' || file === undefined ? new URL(name, root) : new URL(file, new URL(name, root))
      t.ok(existsSync(target), `${name}: ${file}`)
      files++
      if (anchor === undefined) continue
      t.ok(anchors(readFileSync(target, 'utf8')).includes(anchor), `${name}: ${file}#${anchor}`)
      headings++
    }
  }
  t.ok(files > 40)
  t.ok(headings > 15)
})

t.test('the troubleshooting guide has every error code, and no other', async t => {
  const named = read('docs/troubleshooting.md').match(/\bDYNOAI_METRICS_ERR_[A-Z_]+/g) ?? []
  const codes = Object.values(errors).map(MetricsError => new MetricsError().code)
  t.strictSame([...new Set(named)].sort(), codes.sort())
})

t.test('README links to every document', async t => {
  for (const name of documents.slice(1)) t.ok(readme.includes(`](${name})`), name)
})
