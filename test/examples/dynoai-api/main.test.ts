import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const main = fileURLToPath(new URL('../../../examples/dynoai-api/main.js', import.meta.url))

/** Starts the service as its own process. */
function start (t: Test, env: Record<string, string>) {
  const child = spawn(process.execPath, [...process.execArgv, main], {
    env: { ...process.env, HOST: '127.0.0.1', ...env }, stdio: ['ignore', 'pipe', 'pipe']
  })
  t.teardown(() => child.kill('SIGKILL'))
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  return child
}

/** The directories for uploads in a directory for temporary files. */
const uploadsIn = (directory: string) => readdirSync(directory).filter(name => name.startsWith('dynoai-'))

t.test('listens and says where its metrics are, until it is told to end', async t => {
  const TMPDIR = t.testdir()
  const cases: Array<[signal: NodeJS.Signals, env: Record<string, string>, said: RegExp, metrics: string | undefined]> = [
    ['SIGINT', { METRICS_PATH: '/m' }, /^The DynoAI API listens at (http:\S+), its metrics are at \1\/m\n$/, '/m'],
    ['SIGTERM', { METRICS_ENABLED: 'false' }, /^The DynoAI API listens at (http:\S+), its metrics are switched off\n$/, undefined]
  ]
  await Promise.all(cases.map(async ([signal, env, said, metrics]) => {
    const child = start(t, { PORT: '0', TMPDIR, ...env })
    const [line] = await once(child.stdout, 'data')
    const [, address] = said.exec(line) ?? []
    if (address === undefined) throw new Error(`It says: ${line}`)
    t.equal((await fetch(`${address}/api/health`)).status, 200)
    if (metrics !== undefined) t.match(await (await fetch(address + metrics)).text(), 'dynoai_request_duration_seconds_bucket')
    child.kill(signal)
    t.same(await once(child, 'close'), [0, null], signal)
  }))
  t.same(uploadsIn(TMPDIR), [])
})

t.test('says in one line why it cannot start, and leaves no directory', async t => {
  const TMPDIR = t.testdir()
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const cases: Array<[env: Record<string, string>, message: string | RegExp]> = [
    [{ PORT: 'http' }, "PORT must be a whole number from 0 to 65535. Received: 'http'.\n"],
    [{ PORT: String(port) }, /^listen EADDRINUSE: address already in use .+\n$/],
    [{ PORT: '0', METRICS_ENABLED: 'ture' }, /METRICS_ENABLED.*ture/]
  ]
  await Promise.all(cases.map(async ([env, message]) => {
    const child = start(t, { TMPDIR, ...env })
    let stderr = ''
    child.stderr.on('data', (text: string) => { stderr += text })
    t.same(await once(child, 'close'), [1, null], JSON.stringify(env))
    t.match(stderr, message)
  }))
  t.same(uploadsIn(TMPDIR), [])
})
