// `npm run release -- 1.2.3`: builds, checks, commits, tags and packs a version. It publishes nothing: that stays a
// person's step, and its commands are printed at the end.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const CHANGELOG = 'CHANGELOG.md'
const UNRELEASED = '## [Unreleased]\n'
const CHANGED = ['package.json', 'package-lock.json', CHANGELOG]

try {
  release(process.argv[2] ?? '')
} catch (err) {
  console.error(err.message)
  process.exitCode = 1
}

function release (version) {
  if (!/^\d+\.\d+\.\d+(-[\w.-]+)?$/.test(version)) {
    throw new Error(`A version such as 1.2.3 is needed. Received: '${version}'`)
  }
  const tag = `v${version}`
  if (read('git', ['status', '--porcelain']) !== '') throw new Error('Commit or discard all changes first')
  if (read('git', ['tag', '--list', tag]) !== '') throw new Error(`The tag ${tag} already exists`)
  writeChangelog(version)
  let packed
  try {
    run('npm', ['version', version, '--no-git-tag-version', '--allow-same-version'])
    run('npm', ['run', 'build'])
    run('npm', ['test'])
    mkdirSync('dist', { recursive: true })
    packed = read('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', 'dist'])
  } catch (err) {
    run('git', ['checkout', '--quiet', '--', ...CHANGED])
    throw err
  }
  run('git', ['commit', '--quiet', '--message', `Release ${version}`, '--', ...CHANGED])
  run('git', ['tag', '--annotate', tag, '--message', `Version ${version}`])
  console.log(`To publish: npm publish dist/${packed} && git push --follow-tags`)
}

/** Moves the unreleased entries under the version and the date of today. */
function writeChangelog (version) {
  const text = readFileSync(CHANGELOG, 'utf8')
  const [before, after] = text.split(UNRELEASED)
  const entries = after?.split(/^## /m)[0]?.trim() ?? ''
  if (entries === '') throw new Error(`${CHANGELOG} has no unreleased entries`)
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(CHANGELOG, `${before}${UNRELEASED}\n## [${version}] - ${date}\n${after}`)
}

function run (command, args) {
  execFileSync(command, args, { stdio: 'inherit' })
}

function read (command, args) {
  return execFileSync(command, args, { encoding: 'utf8' }).trim()
}
