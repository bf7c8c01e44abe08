import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { DASHBOARDS } from './fixtures/dashboards/dashboard.js'
import { root as projectRoot } from './fixtures/root.js'

// These tests check the package that a user installs.

const RULES = ['alerts.yml', 'recording.yml']

const run = promisify(execFile)
const root = fileURLToPath(projectRoot)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

// A directory outside of the project, where only dependencies that the package declares can be found.
const consumer = await mkdtemp(join(tmpdir(), 'dynoai-metrics-consumer-'))
const installed = join(consumer, 'node_modules', manifest.name)
t.teardown(() => rm(consumer, { recursive: true }))

const packed = await pack()
await install()

/** Packs the existing build. The scripts of the package would build it again. */
async function pack (): Promise<Packed> {
  const { stdout } = await run(
    'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', consumer], { cwd: root }
  )
  const [tarball]: Packed[] = JSON.parse(stdout)
  if (tarball === undefined) throw new Error(`npm packed nothing: ${stdout}`)
  return tarball
}

/** Installs the tarball, and links its dependencies and Fastify. The types of Fastify need `@types/node`. */
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

t.test('contains only lib with source maps, type declarations, documents and dashboards', async t => {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && file !== 'index.ts').map(file => file.slice(0, -3))
  const built = [
    'dist/lib/index.js', 'dist/commonjs/index.cjs',
    ...sources.flatMap(file => [`dist/lib/${file}.js`, `dist/commonjs/${file}.js`])
  ].flatMap(file => [file, `${file}.map`])
  const manifests = ['dist/commonjs/package.json', 'dist/types/package.json']
  const documents = readdirSync(join(root, 'docs')).filter(file => file.endsWith('.md')).map(file => `docs/${file}`)
  const texts = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', 'test/bench/RESULTS.md', ...documents]
  // The tests of the rules are left out: users do not need them.
  const dashboards = [
    ...DASHBOARDS, 'RUNBOOK.md', ...RULES.map(name => `rules/${name}`),
    ...filesOf('pictures', 'prometheus', 'provisioning')
  ].map(name => `dashboards/${name}`)
  const isType = (path: string): boolean => /\.d\.[cm]?ts$/.test(path)
  const paths = packed.files.map(file => file.path)
  t.strictSame(paths.filter(path => !isType(path)).sort(), [...built, ...manifests, ...texts, ...dashboards].sort())
  t.strictSame(paths.filter(isType).sort(), neededTypes(), 'only the declarations that the entries import')

  for (const file of built.filter(file => file.endsWith('.map'))) {
    const { sourcesContent } = JSON.parse(await readFile(join(installed, file), 'utf8'))
    t.match(sourcesContent, [String], file)
  }
})

/** The files in these folders of `dashboards`. */
function filesOf (...folders: string[]): string[] {
  const dashboards = join(root, 'dashboards')
  return folders.flatMap(folder => readdirSync(join(dashboards, folder), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile()).map(entry => relative(dashboards, join(entry.parentPath, entry.name)))
}

/** The declarations of both entries, and those that they import. */
function neededTypes (): string[] {
  const needed = new Set(['dist/types/index.d.cts', 'dist/types/index.d.mts'])
  for (const path of needed) {
    const text = readFileSync(join(root, path), 'utf8')
    for (const [, specifier] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)['"]/g)) {
      if (specifier !== undefined) needed.add(join(dirname(path), specifier.replace(/\.([cm]?)js$/, '.d.$1ts')))
    }
  }
  return [...needed].sort()
}

t.test('contains the files that its documents link to', async t => {
  const documents = packed.files.map(file => file.path).filter(path => path.endsWith('.md'))
  let links = 0
  for (const path of documents) {
    const text = await readFile(join(installed, path), 'utf8')
    for (const [, target] of text.matchAll(/\]\(((?!https?:|#)[^)#]+)[^)]*\)/g)) {
      t.ok(existsSync(join(installed, dirname(path), target ?? '')), `${path}: ${target}`)
      links++
    }
  }
  t.ok(links > 5)
})

t.test('declares no repository, so tools do not resolve these links against one', async t => {
  t.strictSame([manifest.repository, manifest.homepage], [undefined, undefined])
})

t.test('declares the documented entries, and the dependencies', async t => {
  t.match(manifest, {
    name: 'dynoai-metrics',
    license: 'MIT',
    type: 'module',
    engines: { node: '>=20' },
    main: './dist/commonjs/index.cjs',
    types: './dist/types/index.d.cts',
    peerDependencies: { fastify: '^5.0.0' }
  })
  // Each entry lists `types` first: the compiler uses the first condition that it knows.
  const entries: Array<[condition: string, conditions: object]> = Object.entries(manifest.exports['.'])
  t.strictSame(entries.map(([condition, conditions]) => [condition, Object.entries(conditions)]), [
    ['import', [['types', './dist/types/index.d.mts'], ['default', './dist/lib/index.js']]],
    ['require', [['types', './dist/types/index.d.cts'], ['default', './dist/commonjs/index.cjs']]]
  ])
  t.strictSame(Object.keys(manifest.exports).sort(), ['.', './dashboards/*.json', './package.json', './rules/*.yml'])
  t.strictSame(Object.keys(manifest.dependencies).sort(), ['@fastify/error', 'fastify-plugin', 'prom-client'])
  t.strictSame(Object.keys(manifest.peerDependencies).sort(), ['@fastify/multipart', 'fastify'])
  t.strictSame(manifest.peerDependenciesMeta, { '@fastify/multipart': { optional: true } })
  for (const name of ['preinstall', 'install', 'postinstall']) {
    t.notHas(manifest.scripts, name, `runs nothing at ${name}`)
  }
})

t.test('exports its dashboards to import, to require and as paths', async t => {
  const code = `
    import { createRequire } from 'node:module'
    import { fileURLToPath } from 'node:url'
    const require = createRequire(import.meta.url)
    const uids = []
    for (const name of process.argv.slice(1)) {
      const { default: dashboard } = await import(name, { with: { type: 'json' } })
      const path = fileURLToPath(import.meta.resolve(name))
      uids.push([dashboard.uid, require(name).uid, require(path).uid])
    }
    console.log(JSON.stringify(uids))`
  const names = DASHBOARDS.map(name => `dynoai-metrics/dashboards/${name}`)
  // Node 20 warns on standard error that the import of JSON is experimental.
  const { stdout } = await run(execPath, ['--input-type=module', '--eval', code, ...names], { cwd: consumer })
  t.strictSame(JSON.parse(stdout), ['dynoai-overview', 'dynoai-slo', 'dynoai-node'].map(uid => [uid, uid, uid]))
})

t.test('exports the paths of its rules', async t => {
  const code = 'for (const name of process.argv.slice(1)) console.log(import.meta.resolve(name))'
  const names = RULES.map(name => `dynoai-metrics/rules/${name}`)
  const { stdout } = await run(execPath, ['--input-type=module', '--eval', code, ...names], { cwd: consumer })
  for (const url of stdout.trim().split('\n')) t.match(await readFile(fileURLToPath(url), 'utf8'), /^groups:$/m, url)
})

t.test('has lockfiles that contain no registry URL and match their manifests', async t => {
  for (const folder of ['.', 'test/matrix', 'test/bench', 'dashboards/preview']) {
    const lockfile = await readFile(join(root, folder, 'package-lock.json'), 'utf8')
    t.notMatch(lockfile, /"resolved": "http/, folder)
    t.match(await readFile(join(root, folder, '.npmrc'), 'utf8'), /^omit-lockfile-registry-resolved=true$/m, folder)
    const packageJson = await readFile(join(root, folder, 'package.json'), 'utf8')
    t.strictSame(pick(JSON.parse(lockfile).packages['']), pick(JSON.parse(packageJson)), folder)
  }
})

const pick = ({ name, dependencies, devDependencies }: Record<string, unknown>) => ({
  name, dependencies, devDependencies
})

t.test('skips the build without failing where the compiler is not installed', async t => {
  const project = join(consumer, 'omit-dev')
  await cp(join(root, '.build'), join(project, '.build'), { recursive: true })
  await cp(join(root, 'package.json'), join(project, 'package.json'))
  t.equal(manifest.scripts.prepare, 'node .build/prepare.js')
  await t.resolves(run(execPath, ['.build/prepare.js'], { cwd: project }))
  t.notOk(existsSync(join(project, 'dist')))
})

t.test('removes output of the build that has no source', async t => {
  const project = join(consumer, 'orphans')
  const kept = [
    'dist/lib/kept.js', 'dist/lib/kept.js.map', 'dist/lib/kept.d.ts', 'dist/lib/tsconfig.tsbuildinfo',
    'dist/commonjs/index.cjs', 'dist/commonjs/package.json'
  ]
  const orphans = [
    'dist/lib/gone.js', 'dist/lib/gone.js.map', 'dist/lib/gone.d.ts',
    'dist/commonjs/folder/gone.js', 'dist/test/gone.test.js'
  ]
  for (const path of ['lib/kept.ts', 'lib/index.cts', ...kept, ...orphans]) {
    await mkdir(dirname(join(project, path)), { recursive: true })
    await writeFile(join(project, path), '')
  }
  const module = JSON.stringify(new URL('.build/orphans.js', projectRoot).href)
  const script = `import { removeOrphans } from ${module}; removeOrphans()`
  await run(execPath, ['--input-type=module', '--eval', script], { cwd: project })
  for (const path of kept) t.ok(existsSync(join(project, path)), path)
  for (const path of orphans) t.notOk(existsSync(join(project, path)), path)
})

t.test('compiles in a strict project that also checks declarations, and runs there', async t => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(execPath, [tsc, '--project', consumer]).catch((err: unknown) => {
    // The compiler writes its errors to standard output, which the message of the error does not contain.
    throw new Error(String((err as { stdout?: string }).stdout), { cause: err })
  })
  t.equal(stdout, '')

  t.test('as an ES module, by default and by name', async t => {
    const { stdout } = await run(execPath, [join(consumer, 'dist/module.mjs')])
    t.strictSame(JSON.parse(stdout), {
      exports: ['default', 'dynoaiMetrics'],
      isPlugin: true,
      isOne: true,
      statusCode: 200,
      samples: ['dynoai_analysis_total{status="success",source="upload"} 1', 'dynoai_parcels_total{size="large"} 1']
    })
  })

  t.test('by require, which returns the plugin', async t => {
    const { stdout } = await run(execPath, [join(consumer, 'dist/commonjs.cjs')])
    t.strictSame(JSON.parse(stdout), {
      isPlugin: true,
      isOne: true,
      statusCode: 200,
      samples: ['dynoai_analysis_total{status="success",source="upload"} 1', 'dynoai_lockers_total{size="large"} 1']
    })
  })
})
