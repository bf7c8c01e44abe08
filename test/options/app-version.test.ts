import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { promisify } from 'node:util'
import t from 'tap'
import { appVersion } from '../../lib/options/app-version.js'

const manifest = (version: unknown): string => JSON.stringify({ name: 'app', version })

/** The version that is found for a script among these files, in a directory whose `package.json` has version 0.0.1. */
function findVersion (t: Tap, files: Record<string, unknown>, script: string, directory = '.'): string {
  const root = t.testdir({ 'package.json': manifest('0.0.1'), ...files })
  return appVersion(undefined, { mainScript: join(root, script), workingDirectory: () => join(root, directory) })
}
type Tap = typeof t

t.test('uses the first package.json with a version, from the main script upward', async t => {
  const app = { 'package.json': manifest('1.2.3'), 'server.js': '', dist: { 'main.js': '' } }
  const huge = `{"version":"9.9.9","x":"${'x'.repeat(1024 * 1024)}"}`
  const withManifest = (content: unknown): object => ({ app: { 'package.json': content, 'server.js': '' } })
  const cli = { 'package.json': manifest('7.7.7'), 'cli.js': '' }
  const linkToCli = t.fixture('symlink', '../cli/cli.js')
  type Case = readonly [name: string, files: object, script: string, version: string, directory?: string]
  const cases: readonly Case[] = [
    ['package.json next to the script', { app }, 'app/server.js', '1.2.3'],
    ['package.json above the script', { app }, 'app/dist/main.js', '1.2.3'],
    [
      'package.json above one without a version',
      { app: { ...app, dist: { 'main.js': '', 'package.json': '{"type":"module"}' } } },
      'app/dist/main.js', '1.2.3'
    ],
    ['script without its extension', { app }, 'app/server', '1.2.3'],
    [
      'directory with a main file', { app: { ...app, 'package.json': '{"version":"1.2.3","main":"dist/main.js"}' } },
      'app', '1.2.3'
    ],
    ['directory without a main file', { app: { 'package.json': manifest('1.2.3') } }, 'app', '1.2.3'],
    ['script that does not exist', {}, 'app/none.js', '0.0.1'],
    [
      'link to the script',
      { current: t.fixture('symlink', 'app'), app, 'run.js': t.fixture('symlink', 'app/dist/main.js') },
      'run.js', '1.2.3'
    ],
    [
      'link to the script without its extension', { app, 'run.js': t.fixture('symlink', 'app/server.js') }, 'run',
      '1.2.3'
    ],
    ['script that is a link to itself', { 'run.js': t.fixture('symlink', 'run.js') }, 'run.js', '0.0.1'],
    [
      'script in node_modules', { app: { ...app, node_modules: { cli } } },
      'app/node_modules/cli/cli.js', '1.2.3', 'app/dist'
    ],
    [
      'link in node_modules', { app: { ...app, node_modules: { '.bin': { cli: linkToCli }, cli } } },
      'app/node_modules/.bin/cli', '1.2.3', 'app'
    ],
    ['package.json with a byte-order mark', withManifest('\uFEFF{"version":"1.2.3"}'), 'app/server.js', '1.2.3'],
    ['package.json that is not JSON', withManifest('{"version":'), 'app/server.js', '0.0.1'],
    ['package.json that is empty', withManifest(''), 'app/server.js', '0.0.1'],
    ['package.json that contains null', withManifest('null'), 'app/server.js', '0.0.1'],
    ['package.json that contains an array', withManifest('["version"]'), 'app/server.js', '0.0.1'],
    ['package.json with a number as version', withManifest('{"version":3}'), 'app/server.js', '0.0.1'],
    ['package.json with an empty version', withManifest(manifest('')), 'app/server.js', '0.0.1'],
    ['package.json that is a directory', withManifest({}), 'app/server.js', '0.0.1'],
    ['package.json that is larger than 1 MiB', withManifest(huge), 'app/server.js', '0.0.1'],
    [
      'package.json that is a link to itself', withManifest(t.fixture('symlink', 'package.json')), 'app/server.js',
      '0.0.1'
    ],
    ['version of 256 characters', withManifest(manifest('1'.repeat(256))), 'app/server.js', '1'.repeat(256)],
    ['longer version', withManifest(manifest('1'.repeat(257))), 'app/server.js', 'unknown']
  ]
  for (const [name, files, script, version, directory] of cases) {
    await t.test(name, async t => {
      t.equal(findVersion(t as Tap, files as Record<string, unknown>, script, directory), version)
    })
  }
})

t.test('does not block on a package.json that is a named pipe', { skip: process.platform === 'win32' }, async t => {
  const root = t.testdir({ 'package.json': manifest('0.0.1'), app: { 'main.js': '' } })
  execFileSync('mkfifo', [join(root, 'app/package.json')])
  t.equal(appVersion(undefined, { mainScript: join(root, 'app/main.js'), workingDirectory: () => root }), '0.0.1')
})

t.test('is unknown without a script, a directory or a package.json', async t => {
  const root = t.testdir({ node_modules: { 'cli.js': '' } })
  const removed = (): string => { throw new Error('the working directory was removed') }
  const cases: ReadonlyArray<readonly [mainScript: string | undefined, workingDirectory: () => string]> = [
    [undefined, () => root],
    ['', () => root],
    ['-', () => root],
    ['argument-of-eval', () => root],
    [join(root, 'node_modules/cli.js'), removed],
    [join(root, 'node_modules/cli.js'), () => '/'],
    ['/nowhere/app.js', () => root],
    ['/\0', () => root]
  ]
  for (const [mainScript, workingDirectory] of cases) {
    t.equal(appVersion(undefined, { mainScript, workingDirectory }), 'unknown', String(mainScript))
  }
})

t.test('prefers the version that npm sets, up to 256 characters', async t => {
  const application = {
    mainScript: join(t.testdir({ 'package.json': manifest('1.2.3') }), 'main.js'),
    workingDirectory: () => { throw new Error('was called') }
  }
  t.equal(appVersion('4.5.6', application), '4.5.6')
  t.equal(appVersion('4'.repeat(257), application), 'unknown')
  t.equal(appVersion('4\uD83D', application), '4\uFFFD', 'made valid UTF-8')
  t.equal(appVersion(undefined, application), '1.2.3')
})

t.test('finds the version of the running process, however it was started', async t => {
  const library = new URL('../../lib/options/app-version.js', import.meta.url).href
  const code = `import(${JSON.stringify(library)}).then(({ appVersion }) => { console.log(appVersion(undefined)) })`
  const root = t.testdir({
    app: { 'package.json': '{"version":"1.2.3","main":"dist/main.js"}', dist: { 'main.js': code } }, elsewhere: {}
  })
  const run = async (args: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(execPath, [...process.execArgv, ...args], {
      cwd: join(root, 'elsewhere'), env
    })
    return stdout.trim()
  }
  const versions = await Promise.all([
    run(['../app/dist/main.js']), run(['../app/dist/main']), run(['../app']), run(['--eval', code])
  ])
  t.strictSame(versions, ['1.2.3', '1.2.3', '1.2.3', 'unknown'])
})
