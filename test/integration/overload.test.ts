import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { testWithEachPrometheus } from '../fixtures/integration/each-prometheus.js'
import { startPrometheus } from '../fixtures/integration/prometheus.js'

const CLIENTS = 100

/** Starts the service in a child process, and returns its port. */
async function startService (t: Test): Promise<number> {
  const child = fork(fileURLToPath(new URL('../fixtures/integration/overloaded-process.js', import.meta.url)))
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.disconnect()
    await exited
  })
  const [port] = await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => { throw new Error(`The service exited with ${code}`) })
  ])
  return Number(port)
}

/** Starts clients that send the next request when they have a response, until the test ends. */
async function keepBusy (t: Test, port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  let isOver = false
  t.teardown(() => {
    isOver = true
    agent.destroy()
  })
  const request = async (path: string): Promise<void> => {
    const [response] = await once(get({ port, host: '127.0.0.1', path, agent }), 'response') as [IncomingMessage]
    response.resume()
    await once(response, 'end')
  }
  // libuv accepts one connection per turn of the event loop. All clients connect before they send work. Otherwise a
  // turn has work of many clients, and Prometheus waits half a minute until it is connected.
  await Promise.all(Array.from({ length: CLIENTS }, async () => { await request('/idle') }))
  const work = (): void => {
    request('/work').then(work, (err: unknown) => { if (!isOver) t.error(err) })
  }
  for (let i = 0; i < CLIENTS; i++) work()
}

testWithEachPrometheus('with the default timeout an overloaded service is up', async (t, program) => {
  const port = await startService(t)
  await keepBusy(t, port)
  const targets = [`127.0.0.1:${port}`]
  const prometheus = await startPrometheus(t, {
    // The default timeout is 10 s. The interval must not be shorter.
    global: { scrape_interval: '10s' },
    scrape_configs: [
      { job_name: 'dynoai-metrics', static_configs: [{ targets }] },
      { job_name: 'prom-client', metrics_path: '/prom-client', static_configs: [{ targets }] }
    ]
  }, { program })
  await prometheus.until('count_over_time(up{job="dynoai-metrics"}[2m]) >= 2')
  const valueOf = async (query: string): Promise<string | undefined> => (await prometheus.query(query))[0]?.value[1]
  t.equal(await valueOf('min_over_time(up{job="dynoai-metrics"}[2m])'), '1')
  const readDuration = async (job: string): Promise<string | undefined> =>
    await valueOf(`max_over_time(scrape_duration_seconds{job="${job}"}[2m])`)
  const [duration, other] = [await readDuration('dynoai-metrics'), await readDuration('prom-client')]
  t.comment(`scrapes took up to ${duration} s, and with prom-client up to ${other} s`)
  t.ok(Number(other) > 0.3, 'the event loop was overloaded')
})
