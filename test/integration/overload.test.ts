import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { startPrometheus } from '../fixtures/integration/prometheus.js'

const CLIENTS = 100

/** Starts the service in a process of its own; gives its port. */
async function startService (t: Test): Promise<number> {
  const child = fork(fileURLToPath(new URL('../fixtures/integration/overloaded-process.js', import.meta.url)))
  const exited = once(child, 'exit')
  t.teardown(async () => {
    child.disconnect()
    await exited
  })
  const [port] = await Promise.race([once(child, 'message'), exited.then(([code]) => { throw new Error(`The service ended with ${code}`) })])
  return Number(port)
}

/** Lets clients ask for work, each anew when it has its answer, until the test ends. */
async function keepBusy (t: Test, port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  let isOver = false
  t.teardown(() => {
    isOver = true
    agent.destroy()
  })
  const ask = async (path: string): Promise<void> => {
    const [response] = await once(get({ port, host: '127.0.0.1', path, agent }), 'response') as [IncomingMessage]
    response.resume()
    await once(response, 'end')
  }
  // libuv accepts one connection in a turn of the event loop. Where a turn is work for all, Prometheus would wait behind
  // the clients for half a minute until it is connected.
  await Promise.all(Array.from({ length: CLIENTS }, async () => { await ask('/idle') }))
  const work = (): void => {
    ask('/work').then(work, (err: unknown) => { if (!isOver) t.error(err) })
  }
  for (let i = 0; i < CLIENTS; i++) work()
}

t.setTimeout(180_000)

t.test('a real Prometheus with its default time-out sees an overloaded service as up, as it sees prom-client in a handler', async t => {
  const port = await startService(t)
  await keepBusy(t, port)
  const targets = [`127.0.0.1:${port}`]
  const prometheus = await startPrometheus(t, {
    // The time-out is the default, 10 s, which no interval may be below.
    global: { scrape_interval: '10s' },
    scrape_configs: [
      { job_name: 'ours', static_configs: [{ targets }] },
      { job_name: 'prom-client', metrics_path: '/prom-client', static_configs: [{ targets }] }
    ]
  })
  await prometheus.until('count_over_time(up{job="ours"}[2m]) >= 2')
  const valueOf = async (query: string): Promise<string | undefined> => (await prometheus.query(query))[0]?.value[1]
  t.equal(await valueOf('min_over_time(up{job="ours"}[2m])'), '1')
  const took = async (job: string): Promise<string | undefined> =>
    await valueOf(`max_over_time(scrape_duration_seconds{job="${job}"}[2m])`)
  t.comment(`scrapes took up to ${await took('ours')} s, those of prom-client ${await took('prom-client')} s`)
  t.ok(Number(await took('prom-client')) > 0.3, 'while its event loop was behind')
})
