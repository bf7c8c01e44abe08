import t, { type Test } from 'tap'
import { occupyPort, startProcess } from '../start-process.js'

const startDemo = (t: Test, env: Record<string, string>) => startProcess(t, 'demo/main.js', env)

t.test('prints the address of its metrics and summaries of its traffic, until it gets a signal', async t => {
  const address = /its metrics are at (http:\/\/127\.0\.0\.1:\d+\/internal\/metrics)\nTry: curl -s \1 \|/
  const summary = new RegExp(/^[1-9][\d.]* requests\/s, mean [\d.]+ ms \| /.source +
    /analyses \d+ ok, \d+ failed, \d+ active \| corrections \d+ \| .+ open \d+$/.source, 'm')
  await Promise.all((['SIGINT', 'SIGTERM'] as const).map(async signal => {
    const demo = startDemo(t, { METRICS_PATH: '/internal/metrics' })
    const [, url = ''] = await demo.printed(address)
    await demo.printed(summary)
    t.match(await (await fetch(url)).text(), /^dynoai_requests_total\{.*\} [1-9]/m)

    demo.kill(signal)
    t.strictSame(await demo.closed(), [0, null], signal)
    t.match(demo.output(), /\nTraffic stopped after [1-9]\d* requests\.\n$/)
  }))
})

t.test('reads metrics from a separate listener, with a token', async t => {
  const demo = startDemo(t, { METRICS_PORT: '0', METRICS_HOST: '127.0.0.1', METRICS_BEARER_TOKEN: 's3cret' })
  const curl = /curl -s --oauth2-bearer "\$METRICS_BEARER_TOKEN"/.source
  await demo.printed(new RegExp(`its metrics are at (http://127\\.0\\.0\\.1:\\d+/metrics)\nTry: ${curl} \\1 \\|`))
  await demo.printed(/^[1-9][\d.]* requests\/s, mean/m)
  demo.kill('SIGINT')
  t.strictSame(await demo.closed(), [0, null])
  t.notMatch(demo.output(), 's3cret')
})

t.test('runs with metrics switched off', async t => {
  const demo = startDemo(t, { METRICS_ENABLED: 'false' })
  const [, origin = ''] = await demo.printed(/^A DynoAI API with traffic listens at (http:\S+),/m)
  await demo.printed(/, its metrics are switched off\nPress Ctrl-C to stop\.$/m)
  t.equal((await fetch(`${origin}/metrics`)).status, 404)
  demo.kill('SIGINT')

  t.strictSame(await demo.closed(), [0, null])
  t.match(demo.output(), /\.\nTraffic stopped after \d+ requests\.\n$/, 'without summaries')
})

t.test('prints one line when it cannot start', async t => {
  const port = await occupyPort(t)
  const cases: Array<[env: Record<string, string>, message: RegExp]> = [
    [{ PORT: 'http' }, /^PORT must be a whole number from 0 to 65535\. Received: 'http'\.\n$/],
    [{ PORT: String(port) }, /^listen EADDRINUSE: address already in use .+\n$/],
    [{ METRICS_ENABLED: 'ture' }, /^.*METRICS_ENABLED.*ture.*\n$/]
  ]
  await Promise.all(cases.map(async ([env, message]) => {
    const demo = startDemo(t, env)
    t.strictSame(await demo.closed(), [1, null], JSON.stringify(env))
    t.match(demo.output(), message)
  }))
})
