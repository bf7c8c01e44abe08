import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { root } from './fixtures/root.js'

const LIB = new URL('lib/', root)

/** The entries of `lib` from the lowest layer up, each with the entries that it may import. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  types: [],
  util: [],
  'errors.ts': ['util'],
  series: [],
  registry: ['types', 'util', 'errors.ts', 'series'],
  options: ['types', 'util', 'errors.ts', 'series'],
  http: ['util'],
  business: ['types', 'util', 'errors.ts', 'series', 'registry', 'options'],
  requests: ['types', 'util', 'errors.ts', 'series', 'registry', 'options', 'http'],
  // Analyses and uploads observe requests through an interface of `requests`.
  dynoai: ['types', 'util', 'errors.ts', 'registry', 'options', 'http', 'business', 'requests'],
  exposition: ['types', 'util', 'errors.ts', 'series', 'registry'],
  processes: ['types', 'util', 'errors.ts', 'series', 'registry', 'options', 'exposition'],
  endpoint: ['types', 'util', 'errors.ts', 'series', 'registry', 'options', 'http', 'exposition'],
  'plugin.ts': [
    'types', 'util', 'errors.ts', 'registry', 'options', 'requests', 'dynoai', 'exposition', 'processes', 'endpoint'
  ],
  'index.ts': ['types', 'dynoai', 'plugin.ts'],
  'index.cts': ['plugin.ts']
}

/** The packages, except those of Node, that a folder may import. Other folders may import any package. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  series: [], exposition: [], util: [], http: ['fastify'], business: [], processes: []
}

const sources = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/')).filter(path => /\.c?ts$/.test(path))
const layerOf = (path: string): string => path.split('/')[0] ?? path

/** The specifiers that a module imports, including those for types and augmentations. */
function importedBy (path: string): string[] {
  return ts.preProcessFile(readFileSync(new URL(path, LIB), 'utf8'), true, true).importedFiles.map(({ fileName }) =>
    fileName)
}

/** The modules of `lib` that a module imports. */
function importsOf (path: string): string[] {
  return importedBy(path).filter(name => name.startsWith('.'))
    .map(name => posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts'))
}

const imports: ReadonlyArray<readonly [from: string, to: string]> = sources.flatMap(from =>
  importsOf(from).map(to => [from, to] as const))

t.test('lib has at most 17 entries, and each has a layer', async t => {
  const entries = readdirSync(LIB)
  t.ok(entries.length <= 17, `${entries.length} entries`)
  t.strictSame(entries.filter(name => name !== 'tsconfig.json').sort(), Object.keys(LAYERS).sort())
})

t.test('every import is of a module that exists', async t => {
  t.ok(imports.length > 100)
  t.strictSame(imports.filter(([, to]) => !sources.includes(to)), [])
})

t.test('each folder imports only the layers below it that it may import', async t => {
  const order = Object.keys(LAYERS)
  for (const [layer, allowed] of Object.entries(LAYERS)) {
    t.ok(allowed.every(lower => order.indexOf(lower) < order.indexOf(layer)), layer)
  }
  const forbidden = imports.filter(([from, to]) =>
    layerOf(from) !== layerOf(to) && LAYERS[layerOf(from)]?.includes(layerOf(to)) !== true)
  t.strictSame(forbidden, [])
})

t.test('series and exposition do not import Fastify', async t => {
  const packages = sources.flatMap(from =>
    importedBy(from).filter(name => !/^(\.|node:)/.test(name)).map(name => [from, name] as const))
  t.ok(packages.length > 10)
  t.strictSame(packages.filter(([from, name]) => PACKAGES[layerOf(from)]?.includes(name) === false), [])
})

t.test('modules have no circular imports', async t => {
  const left = new Map(sources.map(path => [
    path, new Set(imports.filter(([from]) => from === path).map(([, to]) => to))
  ]))
  for (let removed = true; removed;) {
    removed = false
    for (const [path, needed] of left) {
      if ([...needed].some(to => left.has(to))) continue
      removed = left.delete(path)
    }
  }
  t.strictSame([...left.keys()], [])
})
