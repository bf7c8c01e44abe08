import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { DASHBOARDS } from './fixtures/dashboards/dashboard.js'

// These tests look at what a user installs, so unlike all others they need the build: `npm test` makes it first.

// npm and the compiler take seconds each, many more on a busy machine.
t.setTimeout(180_000)

const RULES = ['alerts.yml', 'recording.yml']

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

// Outside of the project, where nothing is found that the package does not declare.
const consumer = await mkdtemp(join(tmpdir(), 'dynoai-metrics-consumer-'))
const installed = join(consumer, 'node_modules', manifest.name)
t.teardown(() => rm(consumer, { recursive: true }))

const packed = await pack()
await install()

/** Packs the build as it is: the scripts would make it anew. */
async function pack (): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', consumer], { cwd: root })
  const [tarball]: Packed[] = JSON.parse(stdout)
  if (tarball === undefined) throw new Error(`npm packed nothing: ${stdout}`)
  return tarball
}

/** Installs the tarball, and links what it declares: its dependencies, and Fastify with the types that Fastify's need. */
async function install (): Promise<void> {
  await mkdir(installed, { recursive: true })
  await run('tar', ['-xzf', join(consumer, packed.filename), '-C', installed, '--strip-components', '1'])
  for (const name of [...Object.keys(manifest.dependencies), 'fastify', '@types/node']) {
    const link = join(consumer, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(root, 'node_modules', name), link)
  }
  await cp(join(root, 'test/fixtures/consumer'), consumer, { recursive: true })
}

t.test('ships the built lib, with the sources inside its maps, and the texts about it, and nothing else', async t => {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  const built = sources.flatMap(file => ['.d.ts', '.js', '.js.map'].map(ending => `dist/lib/${file.slice(0, -3)}${ending}`))
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']
  // The tests of the rules are of use to nobody else.
  const drawn = [...DASHBOARDS, 'RUNBOOK.md', ...RULES.map(name => `rules/${name}`)].map(name => `dashboards/${name}`)
  t.strictSame(packed.files.map(file => file.path).sort(), [...built, ...texts, ...drawn].sort())

  for (const file of built.filter(file => file.endsWith('.map'))) {
    const { sourcesContent } = JSON.parse(await readFile(join(installed, file), 'utf8'))
    t.match(sourcesContent, [String], file)
  }
})

t.test('declares what the contract says', async t => {
  t.match(manifest, {
    name: 'dynoai-metrics',
    license: 'MIT',
    type: 'module',
    engines: { node: '^20.19.0 || >=22.12.0' },
    peerDependencies: { fastify: '^5.0.0' }
  })
  t.strictSame(manifest.exports['.'], { types: './dist/lib/index.d.ts', default: './dist/lib/index.js' })
  t.strictSame(Object.keys(manifest.exports).sort(), ['.', './dashboards/*.json', './package.json', './rules/*.yml'])
  t.strictSame(Object.keys(manifest.dependencies).sort(), ['@fastify/error', 'fastify-plugin', 'prom-client'])
  t.strictSame(Object.keys(manifest.peerDependencies).sort(), ['@fastify/multipart', 'fastify'])
  t.strictSame(manifest.peerDependenciesMeta, { '@fastify/multipart': { optional: true } })
  for (const name of ['preinstall', 'install', 'postinstall']) t.notHas(manifest.scripts, name, `runs nothing at ${name}`)
})

t.test('gives its dashboards to an import with an attribute, to require and to whoever wants their place', async t => {
  const code = `
    import { createRequire } from 'node:module'
    import { fileURLToPath } from 'node:url'
    const require = createRequire(import.meta.url)
    const uids = []
    for (const name of process.argv.slice(1)) {
      const { default: dashboard } = await import(name, { with: { type: 'json' } })
      const place = fileURLToPath(import.meta.resolve(name))
      uids.push([dashboard.uid, require(name).uid, require(place).uid])
    }
    console.log(JSON.stringify(uids))`
  const names = DASHBOARDS.map(name => `dynoai-metrics/dashboards/${name}`)
  // Node 20 says on standard error that such imports are new to it.
  const { stdout } = await run(execPath, ['--input-type=module', '--eval', code, ...names], { cwd: consumer })
  t.strictSame(JSON.parse(stdout), ['dynoai-overview', 'dynoai-slo', 'dynoai-node'].map(uid => [uid, uid, uid]))
})

t.test('says where its rules are', async t => {
  const code = 'for (const name of process.argv.slice(1)) console.log(import.meta.resolve(name))'
  const { stdout } = await run(execPath, ['--input-type=module', '--eval', code, ...RULES.map(name => `dynoai-metrics/rules/${name}`)], { cwd: consumer })
  for (const url of stdout.trim().split('\n')) t.match(await readFile(fileURLToPath(url), 'utf8'), /^groups:$/m, url)
})

t.test('has a lockfile that names no registry', async t => {
  const lockfile = await readFile(join(root, 'package-lock.json'), 'utf8')
  t.strictSame(lockfile.split('\n').filter(line => line.includes('"resolved"')), [])
  const { packages } = JSON.parse(lockfile)
  t.match(packages[''], { name: manifest.name, version: manifest.version, dependencies: manifest.dependencies, devDependencies: manifest.devDependencies })
})

t.test('compiles in a strict project of its users, declarations of libraries included, and runs there', async t => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(execPath, [tsc, '--project', consumer]).catch((err: unknown) => {
    // What the compiler says is on its standard output, which the message of the error leaves out.
    throw new Error(String((err as { stdout?: string }).stdout), { cause: err })
  })
  t.equal(stdout, '')

  t.test('as an ES module, by default and by name', async t => {
    const { stdout } = await run(execPath, [join(consumer, 'dist/module.mjs')])
    t.strictSame(JSON.parse(stdout), {
      exports: ['default', 'dynoaiMetrics', 'module.exports'],
      isPlugin: true,
      isOne: true,
      statusCode: 200,
      samples: ['dynoai_analysis_total{status="success",source="upload"} 1', 'dynoai_parcels_total{size="large"} 1']
    })
  })

  t.test('by require, which gives the plugin itself', async t => {
    const { stdout } = await run(execPath, [join(consumer, 'dist/commonjs.cjs')])
    t.strictSame(JSON.parse(stdout), {
      isPlugin: true,
      isOne: true,
      statusCode: 200,
      samples: ['dynoai_analysis_total{status="success",source="upload"} 1', 'dynoai_lockers_total{size="large"} 1']
    })
  })
})
