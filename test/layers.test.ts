import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import t from 'tap'
import ts from 'typescript'
import { root } from './fixtures/root.js'

const LIB = new URL('lib/', root)

/** What lies directly in `lib`, from the bottom up: each may import only what stands before it. */
const LAYERS = [
  'types', 'util', 'errors.ts', 'series', 'registry', 'options', 'http', 'business', 'requests', 'dynoai', 'exposition', 'endpoint',
  'plugin.ts', 'index.ts', 'index.cts'
]

/** Those that do the work of the plugin side by side; only `dynoai` joins two, since analyses and uploads watch requests. */
const WINGS = ['business', 'requests', 'exposition', 'endpoint']

const sources = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/')).filter(path => /\.c?ts$/.test(path))
const layerOf = (path: string): string => path.split('/')[0] ?? path

/** The modules of `lib` that one imports, those of its types and of its augmentations included. */
function importsOf (path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(new URL(path, LIB), 'utf8'), true, true)
  return importedFiles.map(({ fileName }) => fileName).filter(name => name.startsWith('.'))
    .map(name => posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts'))
}

const imports: ReadonlyArray<readonly [from: string, to: string]> = sources.flatMap(from => importsOf(from).map(to => [from, to] as const))

t.test('lib has few entries, and this test knows all', async t => {
  const entries = readdirSync(LIB)
  t.ok(entries.length <= 16, `${entries.length} entries`)
  t.strictSame(entries.filter(name => name !== 'tsconfig.json').sort(), LAYERS.toSorted())
})

t.test('every import is of a module that is there', async t => {
  t.ok(imports.length > 100)
  t.strictSame(imports.filter(([, to]) => !sources.includes(to)), [])
})

t.test('no import points up, and none sideways', async t => {
  const up = imports.filter(([from, to]) => layerOf(from) !== layerOf(to) && LAYERS.indexOf(layerOf(from)) <= LAYERS.indexOf(layerOf(to)))
  t.strictSame(up, [])
  const sideways = imports.filter(([from, to]) => [from, to].every(path => WINGS.includes(layerOf(path))) && layerOf(from) !== layerOf(to))
  t.strictSame(sideways.filter(([from]) => layerOf(from) !== 'endpoint'), [], 'but the endpoint serves the exposition')
  t.strictSame(sideways.filter(([, to]) => layerOf(to) !== 'exposition'), [])
})

t.test('no modules import one another in a circle', async t => {
  const left = new Map(sources.map(path => [path, new Set(imports.filter(([from]) => from === path).map(([, to]) => to))]))
  for (let removed = true; removed;) {
    removed = false
    for (const [path, needed] of left) {
      if ([...needed].some(to => left.has(to))) continue
      removed = left.delete(path)
    }
  }
  t.strictSame([...left.keys()], [])
})
