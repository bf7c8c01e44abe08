import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const main = fileURLToPath(new URL('../../../../examples/dynoai-api/demo/main.js', import.meta.url))

/** Starts the demo as its own process. */
function start (t: Test, env: Record<string, string>) {
  const child = spawn(process.execPath, [...process.execArgv, main], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe']
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  /** The first match in what the demo prints. */
  const printed = (pattern: RegExp) => new Promise<RegExpExecArray>(resolve => {
    const listener = () => {
      const match = pattern.exec(output)
      if (match) resolve(match)
    }
    listeners.add(listener)
    listener()
  })
  return { child, printed, output: () => output }
}

t.test('prints where to look and figures of its traffic, until it is told to end', async t => {
  await Promise.all((['SIGINT', 'SIGTERM'] as const).map(async signal => {
    const { child, printed, output } = start(t, { METRICS_PATH: '/internal/metrics' })
    const [, url = ''] = await printed(/its metrics are at (http:\/\/127\.0\.0\.1:\d+\/internal\/metrics)\nTry: curl -s \1 \|/)
    await printed(/^[1-9][\d.]* requests\/s, mean [\d.]+ ms \| analyses \d+ ok, \d+ failed, \d+ active \| corrections \d+ \| .+ open \d+$/m)
    t.match(await (await fetch(url)).text(), /^dynoai_requests_total\{.*\} [1-9]/m)

    child.kill(signal)
    t.strictSame(await once(child, 'close'), [0, null], signal)
    t.match(output(), /\nThe traffic has ended after [1-9]\d* requests\.\n$/)
  }))
})

t.test('reads metrics that have a listener of their own and a token', async t => {
  const { child, printed, output } = start(t, { METRICS_PORT: '0', METRICS_HOST: '127.0.0.1', METRICS_BEARER_TOKEN: 's3cret' })
  await printed(/its metrics are at (http:\/\/127\.0\.0\.1:\d+\/metrics)\nTry: curl -s --oauth2-bearer "\$METRICS_BEARER_TOKEN" \1 \|/)
  await printed(/^[1-9][\d.]* requests\/s, mean/m)
  child.kill('SIGINT')
  t.strictSame(await once(child, 'close'), [0, null])
  t.notMatch(output(), 's3cret')
})

t.test('runs with metrics switched off', async t => {
  const { child, printed, output } = start(t, { METRICS_ENABLED: 'false' })
  const [, origin = ''] = await printed(/^A DynoAI API with traffic listens at (http:\S+), its metrics are switched off\nCtrl-C ends it\.$/m)
  t.equal((await fetch(`${origin}/metrics`)).status, 404)
  child.kill('SIGINT')

  t.strictSame(await once(child, 'close'), [0, null])
  t.match(output(), /\.\nThe traffic has ended after \d+ requests\.\n$/, 'without figures')
})

t.test('says in one line why it cannot start', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  // A server that listens on a port has an address of this type.
  const { port } = taken.address() as AddressInfo
  const cases: Array<[env: Record<string, string>, message: RegExp]> = [
    [{ PORT: 'http' }, /^PORT must be a whole number from 0 to 65535\. Received: 'http'\.\n$/],
    [{ PORT: String(port) }, /^listen EADDRINUSE: address already in use .+\n$/],
    [{ METRICS_ENABLED: 'ture' }, /^.*METRICS_ENABLED.*ture.*\n$/]
  ]
  await Promise.all(cases.map(async ([env, message]) => {
    const { child, output } = start(t, env)
    t.strictSame(await once(child, 'close'), [1, null], JSON.stringify(env))
    t.match(output(), message)
  }))
})
