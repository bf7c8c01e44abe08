import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { root } from './fixtures/root.js'

const run = promisify(execFile)
const script = fileURLToPath(new URL('.build/prometheus.js', root))

/** A shell script that prints a version as Prometheus does. */
const createProgram = (version: string): string => `#!/bin/sh\necho "prometheus, version ${version} (branch: )"\n`

/** Commands that write the programs of a version into the folder that Go installs into. */
const install = (version: string): string => ['prometheus', 'promtool'].map(name =>
  `printf '%s' '${createProgram(version)}' > "$GOBIN/${name}" && chmod +x "$GOBIN/${name}"`).join('\n')

/** Creates a cache, and a Go that only runs commands of the shell. `variables` change the environment. */
function createBuild (t: Test, commands: string, variables: NodeJS.ProcessEnv = {}) {
  const directory = t.testdir({ bin: {}, cache: {}, empty: {} })
  const log = join(directory, 'log')
  const go = join(directory, 'bin/go')
  writeFileSync(go, `#!/bin/sh\nPATH="$PATH:/usr/bin:/bin"\necho "$@" >> '${log}'\n${commands}\n`)
  chmodSync(go, 0o755)
  const cache = join(directory, 'cache')
  const PATH = `${join(directory, 'bin')}:${process.env['PATH']}`
  const env = { ...process.env, GOROOT: undefined, PATH, PROMETHEUS_CACHE: cache, ...variables }
  return {
    directory,
    cache,
    go,
    build: async () => (await run(execPath, [script], { cwd: directory, env })).stdout,
    /** Returns the arguments of all calls of Go. */
    readCalls: () => existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
  }
}

t.test('builds a pinned version once, and prints its folder', async t => {
  const { cache, build, readCalls } = createBuild(t, install('3.16.0'))
  const folder = join(cache, 'prometheus-3.16.0')
  t.equal(await build(), `${folder}\n`)
  t.equal(await build(), `${folder}\n`)
  t.strictSame(readdirSync(cache), ['prometheus-3.16.0'])
  t.strictSame(readdirSync(folder), ['prometheus', 'promtool'])
  const calls = readCalls()
  t.equal(calls.length, 1, 'the second time, nothing is built')
  for (const name of ['prometheus', 'promtool']) {
    t.match(calls[0], `github.com/prometheus/prometheus/cmd/${name}@v0.316.0`)
  }
})

t.test('replaces a folder that does not have the version', async t => {
  const { cache, build, readCalls } = createBuild(t, install('3.16.0'))
  const folder = join(cache, 'prometheus-3.16.0')
  mkdirSync(folder)
  writeFileSync(join(folder, 'prometheus'), createProgram('3.15.0'), { mode: 0o755 })
  t.equal(await build(), `${folder}\n`)
  t.equal(readCalls().length, 1)
  t.match(readFileSync(join(folder, 'prometheus'), 'utf8'), 'version 3.16.0')
})

const failures: ReadonlyArray<readonly [name: string, commands: string, reason: RegExp]> = [
  ['Go fails', 'echo no network >&2; exit 3', /no network\nPrometheus 3\.16\.0 was not built: go install exited with 3\./],
  ['Go writes nothing', '', /was not built: go install wrote no programs of version 3\.16\.0\./],
  ['Go builds another version', install('3.15.0'), /was not built: go install wrote no programs of version 3\.16\.0\./]
]
for (const [name, commands, reason] of failures) {
  t.test(`fails with the reason if ${name}, and leaves nothing in the cache`, async t => {
    const { cache, build } = createBuild(t, commands)
    await t.rejects(build(), { code: 1, stderr: reason, stdout: '' })
    t.strictSame(readdirSync(cache), [])
  })
}

t.test('accepts what another process has built meanwhile', async t => {
  const folder = '$PROMETHEUS_CACHE/prometheus-3.16.0'
  const { cache, build } = createBuild(t, `GOBIN="${folder}"; mkdir "$GOBIN"\n${install('3.16.0')}\nexit 1`)
  t.equal(await build(), `${join(cache, 'prometheus-3.16.0')}\n`)
  t.strictSame(readdirSync(cache), ['prometheus-3.16.0'])
})

t.test('fails with the reason if there is no Go', async t => {
  const { cache, build } = createBuild(t, '', { PATH: 'empty', GOROOT: 'empty' })
  const stderr = 'was not built: There is no Go in PATH and empty/bin. Install Go '
  await t.rejects(build(), { code: 1, stderr, stdout: '' })
  t.strictSame(readdirSync(cache), [])
})

t.test('fails with the reason if Go cannot be started', async t => {
  const { cache, go, build } = createBuild(t, '')
  writeFileSync(go, '#!/no/such/interpreter\n')
  await t.rejects(build(), { code: 1, stderr: /was not built: spawnSync .*bin\/go ENOENT/, stdout: '' })
  t.strictSame(readdirSync(cache), [])
})

t.test('finds the Go of GOROOT, and has its cache in the home folder by default', async t => {
  const { directory, build } = createBuild(t, install('3.16.0'), {
    PATH: 'empty', GOROOT: '.', HOME: t.testdirName, PROMETHEUS_CACHE: undefined
  })
  t.equal(await build(), `${join(directory, '.cache/dynoai-metrics/prometheus-3.16.0')}\n`)
})
