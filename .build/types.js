// Writes what the compiler does not: the declarations of the package, in dist/types, and the package.json files that
// mark CommonJS.
//
// Types are declared once, in CommonJS form, and those of the ES module re-export them. Only `BusinessMetrics` is an
// interface of each entry. If both entries re-exported one interface, a program that augments it in an `.mts` and in a
// `.cts` file would lose one of the two: the compiler copies a re-exported interface before it adds to it.
// `FastifyMetrics` extends both.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const LIB = 'dist/lib'
const TYPES = 'dist/types'
const COMMONJS_FOLDER = 'dist/commonjs'
const COMMONJS = `${JSON.stringify({ type: 'commonjs' })}\n`

/** The declarations that the entry imports, by path. */
const files = new Map()

/** Writes the declarations, if the compiler has run since the last time or this file has changed. */
export function writeTypes () {
  const sources = [`${LIB}/tsconfig.tsbuildinfo`, fileURLToPath(import.meta.url)]
  const isMarked = existsSync(`${COMMONJS_FOLDER}/package.json`)
  if (isMarked && sources.every(source => isNewer(`${TYPES}/package.json`, source))) return
  files.clear()
  collect('./index.js', '')
  readAugmented()
  files.set('index.d.mts', forImport())
  files.set('index.d.cts', forRequire())
  files.delete('index.d.ts')
  rmSync(TYPES, { recursive: true, force: true })
  for (const [path, text] of files) write(join(TYPES, path), text)
  write(`${COMMONJS_FOLDER}/package.json`, COMMONJS)
  // Last: its time shows that all files are written.
  write(`${TYPES}/package.json`, COMMONJS)
}

function isNewer (path, other) {
  return existsSync(path) && statSync(path).mtimeMs > statSync(other).mtimeMs
}

function write (path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Adds the declarations of a module, and of the modules that it imports. */
function collect (specifier, folder) {
  if (!specifier.startsWith('.')) return
  const path = pathOf(specifier, folder)
  if (files.has(path)) return
  const text = read(path)
  files.set(path, text)
  for (const { fileName } of ts.preProcessFile(text).importedFiles) collect(fileName, posix.dirname(path))
}

/** Makes `FastifyMetrics` extend the `BusinessMetrics` of the entries, which users augment. */
function readAugmented () {
  const HEAD = /(?<=\binterface FastifyMetrics extends )BusinessMetrics\b/
  const [path, ...more] = [...files.keys()].filter(path => HEAD.test(files.get(path)))
  if (path === undefined || more.length > 0) throw new Error('One FastifyMetrics must extend BusinessMetrics')
  const entry = `${posix.relative(posix.dirname(path), '.') || '.'}/index.cjs`
  const head = `import type { BusinessMetrics as AugmentedMetrics } from '${entry}';\n`
  files.set(path, head + files.get(path).replace(HEAD, 'AugmentedMetrics'))
}

/** The modules whose types the entry exports, each with the names of its types. */
function modulesOfEntry () {
  return starsOf(parse('index.d.ts')).map(specifier => [specifier, exportedTypes(pathOf(specifier, ''))])
}

function forImport () {
  const [home] = modulesOfEntry().find(([, names]) => names.includes('BusinessMetrics'))
  return `import type { BusinessMetrics as DynoaiBusinessMetrics } from '${home}';
${files.get('index.d.ts')}${commentOf('BusinessMetrics')}
export interface BusinessMetrics extends DynoaiBusinessMetrics {}
`
}

/** `export =` of a function and a namespace describes `require` and every kind of import. */
function forRequire () {
  const modules = modulesOfEntry()
    .map(([specifier, names]) => [specifier, names.filter(name => name !== 'BusinessMetrics').join(', ')])
  return `import type { BusinessMetrics as ImportedMetrics } from './index.mjs' with { 'resolution-mode': 'import' };
import type { dynoaiMetrics as plugin } from './plugin.js';
${modules.map(([specifier, names]) => `import type { ${names} } from '${specifier}';`).join('\n')}

declare namespace dynoaiMetrics {
  export type { ${modules.map(([, names]) => names).join(', ')} };
  ${commentOf('BusinessMetrics')}
  export interface BusinessMetrics extends ImportedMetrics {}
  export const dynoaiMetrics: typeof plugin;
  export { dynoaiMetrics as default };
}

${commentOf('dynoaiMetrics')}
declare function dynoaiMetrics (...args: Parameters<typeof plugin>): ReturnType<typeof plugin>;

export = dynoaiMetrics;
`
}

/** The names of all types that a declaration file exports. */
function exportedTypes (path) {
  const source = parse(path)
  const declared = source.statements.flatMap(statement => {
    if (ts.isExportDeclaration(statement)) return statement.exportClause?.elements.map(({ name }) => name.text) ?? []
    return ts.getCombinedModifierFlags(statement) & ts.ModifierFlags.Export ? namesOf(statement) : []
  })
  return [...declared, ...starsOf(source).flatMap(specifier => exportedTypes(pathOf(specifier, posix.dirname(path))))]
}

/** The modules that a file re-exports with `export *`. */
function starsOf (source) {
  return source.statements
    .filter(statement => ts.isExportDeclaration(statement) && statement.exportClause === undefined)
    .map(({ moduleSpecifier }) => moduleSpecifier.text)
}

/** The comment of a declaration, which editors show at the entries. */
function commentOf (name) {
  for (const path of files.keys()) {
    if (!path.endsWith('.d.ts')) continue
    const source = parse(path)
    const declaration = source.statements.find(statement => namesOf(statement).includes(name))
    if (declaration !== undefined) return ts.getJSDocCommentsAndTags(declaration)[0].getText(source)
  }
}

/** The names that a statement declares. */
function namesOf (statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.text)
  return statement.name === undefined ? [] : [statement.name.text]
}

function pathOf (specifier, folder) {
  return posix.join(folder, specifier).replace(/\.js$/, '.d.ts')
}

function parse (path) {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true)
}

function read (path) {
  return readFileSync(join(LIB, path), 'utf8')
}
