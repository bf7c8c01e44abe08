import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { root } from './fixtures/root.js'

const run = promisify(execFile)
const script = fileURLToPath(new URL('.build/release.js', root))

const UNRELEASED = '## [Unreleased]\n\n### Added\n\n- A feature.\n'
const CHANGELOG = `# Changelog\n\n${UNRELEASED}\n## [1.0.0] - 2026-01-01\n\n- The start.\n`
const GIT = ['-c', 'user.name=tester', '-c', 'user.email=tester@example.com']

interface Repository {
  readonly changelog?: string
  /** What `npm test` runs. */
  readonly test?: string
}

/** Makes a repository of a package whose build and test are commands that end at once. */
async function createRepository (t: Test, { changelog = CHANGELOG, test = 'node --version' }: Repository = {}) {
  const directory = t.testdir({
    '.gitignore': 'dist\n',
    'CHANGELOG.md': changelog,
    'package.json': JSON.stringify({
      name: 'released', version: '1.0.0', files: ['index.js'], scripts: { build: 'node --version', test }
    }),
    'package-lock.json': JSON.stringify({ name: 'released', version: '1.0.0', lockfileVersion: 3, packages: {} }),
    'index.js': ''
  })
  const git = async (...args: string[]) => (await run('git', [...GIT, ...args], { cwd: directory })).stdout.trim()
  await git('init', '--quiet')
  await git('config', 'user.name', 'tester')
  await git('config', 'user.email', 'tester@example.com')
  await git('add', '.')
  await git('commit', '--quiet', '--message', 'Start')
  return {
    git,
    directory,
    read: (file: string) => readFileSync(join(directory, file), 'utf8'),
    release: async (...args: string[]) => await run(execPath, [script, ...args], { cwd: directory })
  }
}

t.test('commits, tags and packs a version, and publishes nothing', async t => {
  const { git, directory, read, release } = await createRepository(t)
  const { stdout } = await release('1.1.0')
  t.match(stdout, /^To publish: npm publish dist\/released-1\.1\.0\.tgz && git push --follow-tags$/m)
  t.ok(existsSync(join(directory, 'dist/released-1.1.0.tgz')))
  t.equal(JSON.parse(read('package.json')).version, '1.1.0')
  t.equal(JSON.parse(read('package-lock.json')).version, '1.1.0')
  const headings = read('CHANGELOG.md').split('\n').filter(line => line.startsWith('#') || line.startsWith('-'))
  const [, , released] = headings
  t.match(released, /^## \[1\.1\.0\] - \d{4}-\d\d-\d\d$/)
  t.strictSame(headings, [
    '# Changelog', '## [Unreleased]', released, '### Added', '- A feature.', '## [1.0.0] - 2026-01-01', '- The start.'
  ])
  t.equal(await git('log', '-1', '--format=%s'), 'Release 1.1.0')
  t.equal(await git('rev-parse', 'v1.1.0^{commit}'), await git('rev-parse', 'HEAD'))
  t.equal(await git('status', '--porcelain'), '')
})

t.test('releases the version that package.json has already', async t => {
  const { git, release } = await createRepository(t)
  await release('1.0.0')
  t.equal(await git('log', '-1', '--format=%s'), 'Release 1.0.0')
  t.equal(await git('tag', '--list'), 'v1.0.0')
})

const rejected: ReadonlyArray<readonly [name: string, repository: Repository, version: string[], message: RegExp]> = [
  ['a version that is missing', {}, [], /such as 1\.2\.3/],
  ['a version that is not one', {}, ['next'], /Received: 'next'/],
  ['a tag that exists', {}, ['0.9.0'], /v0\.9\.0 already exists/],
  ['a changelog without unreleased changes', { changelog: '## [1.0.0]\n' }, ['1.1.0'], /no unreleased entries/],
  ['a changelog without entries', { changelog: '## [Unreleased]\n\n## [1.0.0]\n' }, ['1.1.0'], /no unreleased entries/],
  ['a failing test', { test: 'node --eval "process.exit(1)"' }, ['1.1.0'], /npm test/]
]
for (const [name, repository, version, message] of rejected) {
  t.test(`rejects ${name}, and changes nothing`, async t => {
    const { git, release } = await createRepository(t, repository)
    await git('tag', 'v0.9.0')
    await t.rejects(release(...version), { message })
    t.equal(await git('status', '--porcelain'), '')
    t.equal(await git('log', '--format=%s'), 'Start')
    t.equal(await git('tag', '--list'), 'v0.9.0')
  })
}

t.test('rejects changes that are not committed, and keeps them', async t => {
  const { git, directory, release } = await createRepository(t)
  writeFileSync(join(directory, 'index.js'), 'changed')
  await t.rejects(release('1.1.0'), { message: /Commit or discard/ })
  t.equal(await git('status', '--porcelain'), 'M index.js')
})
