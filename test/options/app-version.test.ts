import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { promisify } from 'node:util'
import t from 'tap'
import { appVersion } from '../../lib/options/app-version.js'

const manifest = (version: unknown): string => JSON.stringify({ name: 'app', version })

/** The version that is found for a script in a directory of these files, whose own `package.json` is that of `0.0.1`. */
function found (t: Tap, files: Record<string, unknown>, script: string, directory = '.'): string {
  const root = t.testdir({ 'package.json': manifest('0.0.1'), ...files } as Parameters<Tap['testdir']>[0])
  return appVersion(undefined, { mainScript: join(root, script), workingDirectory: () => join(root, directory) })
}
type Tap = typeof t

t.test('takes the first package.json with a version, from the main script upward', async t => {
  const app = { 'package.json': manifest('1.2.3'), 'server.js': '', dist: { 'main.js': '' } }
  const huge = `{"version":"9.9.9","x":"${'x'.repeat(1024 * 1024)}"}`
  const skipped = (text: unknown): object => ({ app: { 'package.json': text, 'server.js': '' } })
  const cases: ReadonlyArray<readonly [name: string, files: object, script: string, version: string, directory?: string]> = [
    ['beside it', { app }, 'app/server.js', '1.2.3'],
    ['above it', { app }, 'app/dist/main.js', '1.2.3'],
    ['above one without a version', { app: { ...app, dist: { 'main.js': '', 'package.json': '{"type":"module"}' } } }, 'app/dist/main.js', '1.2.3'],
    ['without its extension', { app }, 'app/server', '1.2.3'],
    ['a directory', { app: { ...app, 'package.json': '{"version":"1.2.3","main":"dist/main.js"}' } }, 'app', '1.2.3'],
    ['a directory without a main file', { app: { 'package.json': manifest('1.2.3') } }, 'app', '1.2.3'],
    ['that does not exist', {}, 'app/none.js', '0.0.1'],
    ['behind a link', { current: t.fixture('symlink', 'app'), app, 'run.js': t.fixture('symlink', 'app/dist/main.js') }, 'run.js', '1.2.3'],
    ['behind a link, without its extension', { app, 'run.js': t.fixture('symlink', 'app/server.js') }, 'run', '1.2.3'],
    ['behind a link to itself', { 'run.js': t.fixture('symlink', 'run.js') }, 'run.js', '0.0.1'],
    ['in node_modules', { app: { ...app, node_modules: { cli: { 'package.json': manifest('7.7.7'), 'cli.js': '' } } } }, 'app/node_modules/cli/cli.js', '1.2.3', 'app/dist'],
    ['linked from node_modules', { app: { ...app, node_modules: { '.bin': { cli: t.fixture('symlink', '../cli/cli.js') }, cli: { 'package.json': manifest('7.7.7'), 'cli.js': '' } } } }, 'app/node_modules/.bin/cli', '1.2.3', 'app'],
    ['with a byte-order mark', skipped('\uFEFF{"version":"1.2.3"}'), 'app/server.js', '1.2.3'],
    ['that is broken', skipped('{"version":'), 'app/server.js', '0.0.1'],
    ['that is empty', skipped(''), 'app/server.js', '0.0.1'],
    ['that holds null', skipped('null'), 'app/server.js', '0.0.1'],
    ['that holds an array', skipped('["version"]'), 'app/server.js', '0.0.1'],
    ['whose version is a number', skipped('{"version":3}'), 'app/server.js', '0.0.1'],
    ['whose version is empty', skipped(manifest('')), 'app/server.js', '0.0.1'],
    ['that is a directory', skipped({}), 'app/server.js', '0.0.1'],
    ['that is larger than 1 MiB', skipped(huge), 'app/server.js', '0.0.1'],
    ['that is a link to itself', skipped(t.fixture('symlink', 'package.json')), 'app/server.js', '0.0.1'],
    ['with a version of 256 characters', skipped(manifest('1'.repeat(256))), 'app/server.js', '1'.repeat(256)],
    ['with a longer version', skipped(manifest('1'.repeat(257))), 'app/server.js', 'unknown']
  ]
  for (const [name, files, script, version, directory] of cases) {
    await t.test(name, async t => { t.equal(found(t as Tap, files as Record<string, unknown>, script, directory), version) })
  }
})

t.test('does not wait for a pipe in place of package.json', { skip: process.platform === 'win32' }, async t => {
  const root = t.testdir({ 'package.json': manifest('0.0.1'), app: { 'main.js': '' } })
  execFileSync('mkfifo', [join(root, 'app/package.json')])
  t.equal(appVersion(undefined, { mainScript: join(root, 'app/main.js'), workingDirectory: () => root }), '0.0.1')
})

t.test('is unknown without a script, a directory or a package.json', async t => {
  const root = t.testdir({ node_modules: { 'cli.js': '' } })
  const gone = (): string => { throw new Error('the working directory was removed') }
  const running: ReadonlyArray<readonly [mainScript: string | undefined, workingDirectory: () => string]> = [
    [undefined, () => root],
    ['', () => root],
    ['-', () => root],
    ['argument-of-eval', () => root],
    [join(root, 'node_modules/cli.js'), gone],
    [join(root, 'node_modules/cli.js'), () => '/'],
    ['/nowhere/app.js', () => root],
    ['/\0', () => root]
  ]
  for (const [mainScript, workingDirectory] of running) t.equal(appVersion(undefined, { mainScript, workingDirectory }), 'unknown', String(mainScript))
})

t.test('what npm states comes first, up to 256 characters', async t => {
  const running = { mainScript: join(t.testdir({ 'package.json': manifest('1.2.3') }), 'main.js'), workingDirectory: () => { throw new Error('asked') } }
  t.equal(appVersion('4.5.6', running), '4.5.6')
  t.equal(appVersion('4'.repeat(257), running), 'unknown')
  t.equal(appVersion('4\uD83D', running), '4\uFFFD', 'as UTF-8 can hold it')
  t.equal(appVersion(undefined, running), '1.2.3')
})

t.test('is that of the process by itself, however it was started', async t => {
  const library = new URL('../../lib/options/app-version.js', import.meta.url).href
  const code = `import(${JSON.stringify(library)}).then(({ appVersion }) => { console.log(appVersion(undefined)) })`
  const root = t.testdir({ app: { 'package.json': '{"version":"1.2.3","main":"dist/main.js"}', dist: { 'main.js': code } }, elsewhere: {} })
  const run = async (args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(execPath, [...process.execArgv, ...args], { cwd: join(root, 'elsewhere'), env })
    return stdout.trim()
  }
  t.strictSame(await Promise.all([run(['../app/dist/main.js']), run(['../app/dist/main']), run(['../app']), run(['--eval', code])]), ['1.2.3', '1.2.3', '1.2.3', 'unknown'])
})
