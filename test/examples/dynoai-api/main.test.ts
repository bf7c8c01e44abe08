import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const main = fileURLToPath(new URL('../../../examples/dynoai-api/main.ts', import.meta.url))

/** Starts the service as its own process, which reads TypeScript the way this one does. */
function start (t: Test, env: Record<string, string>) {
  const child = spawn(process.execPath, [...process.execArgv, main], {
    env: { ...process.env, HOST: '127.0.0.1', ...env }, stdio: ['ignore', 'pipe', 'pipe']
  })
  t.teardown(() => child.kill('SIGKILL'))
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  return child
}

t.test('listens until it is told to end', async t => {
  await Promise.all((['SIGINT', 'SIGTERM'] as const).map(async signal => {
    const child = start(t, { PORT: '0' })
    const [line] = await once(child.stdout, 'data')
    const [, address] = /^The DynoAI API listens at (http:\S+), its metrics are at \1\/metrics\n$/.exec(line) ?? []
    t.ok(address, line)
    t.equal((await fetch(`${address}/api/health`)).status, 200)
    t.match(await (await fetch(`${address}/metrics`)).text(), 'dynoai_request_duration_seconds_bucket')
    child.kill(signal)
    t.same(await once(child, 'close'), [0, null], signal)
  }))
})

t.test('says in one line why it cannot start', async t => {
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
    const child = start(t, env)
    let stderr = ''
    child.stderr.on('data', (text: string) => { stderr += text })
    t.same(await once(child, 'close'), [1, null], JSON.stringify(env))
    t.match(stderr, message)
  }))
})
