import t from 'tap'
import { createFolder } from '../fixtures/processes/folder.js'
import { startCluster } from '../fixtures/processes/service-processes.js'
import type { AppProcess, Cluster } from '../fixtures/processes/service-processes.js'

const REQUESTS = 'dynoai_request_duration_seconds_count{method="GET",path="/hello",status="200"}'
const workers = (state: 'live' | 'gone'): string => `dynoai_metrics_workers{state="${state}"}`

/** An application that PM2 runs. */
interface Application {
  readonly name: string
  readonly namespace: string
  /** The path of its script. */
  readonly path: string
}

const api: Application = { name: 'api', namespace: 'default', path: '/srv/api/main.js' }
const shop: Application = { name: 'shop', namespace: 'default', path: '/srv/shop/main.js' }

/**
 * PM2's daemon, as far as the processes of applications see it: the primary of a cluster, which forks the processes of
 * all applications, and tells them in the environment which they are. PM2's licence allows no copy of it here.
 */
class Pm2 {
  readonly #cluster: Cluster
  /** PM2 numbers the processes of all applications. */
  #lastId = 0

  constructor (cluster: Cluster) {
    this.#cluster = cluster
  }

  async start ({ name, namespace, path }: Application): Promise<AppProcess> {
    const id = String(this.#lastId++)
    // The counts are seen soon, so the test waits less.
    return await this.#cluster.fork({ plugin: { processes: { interval: 100 } } }, {
      name, namespace, pm_exec_path: path, pm_id: id, NODE_APP_INSTANCE: id, unique_id: `unique-${id}`
    })
  }

  /** Starts a process before the one that it replaces closes its server, as it should do on SIGINT, and exits. */
  async reload (application: Application, old: AppProcess): Promise<AppProcess> {
    const next = await this.start(application)
    await old.run({ close: true })
    await old.kill('SIGINT')
    return next
  }
}

t.setTimeout(300_000)

t.test('the processes of an application under PM2 share their counts through reload and kill', async t => {
  const pm2 = new Pm2(await startCluster(t, { TMPDIR: createFolder(t) }))
  let first = await pm2.start(api)
  let second = await pm2.start(api)
  const other = await pm2.start(shop)
  let requests = 0
  const send = async (app: AppProcess, count: number): Promise<void> => {
    await app.request(count)
    requests += count
  }
  const checkCounts = async (message: string): Promise<void> => {
    for (const app of [first, second]) {
      const values = await app.scrapeUntil(values => values[workers('live')] === 2 && values[REQUESTS]! >= requests)
      t.equal(values[REQUESTS], requests, message)
    }
  }

  await send(first, 3)
  await send(second, 4)
  await other.request(5)
  await checkCounts('each process answers for both')
  t.match(await other.scrape(), { [REQUESTS]: 5, [workers('live')]: 1 }, 'another application has its own counts')

  await send(first, 4)
  first = await pm2.reload(api, first)
  t.equal((await first.scrape())[REQUESTS], requests, 'reload loses nothing')
  await send(second, 4)
  second = await pm2.reload(api, second)
  await checkCounts('after a reload of both')

  await send(first, 7)
  // What another process has seen is not lost any more.
  await second.scrapeUntil(values => values[REQUESTS] === requests)
  const gone = (await second.scrape())[workers('gone')]!
  await first.kill()
  t.match(await second.scrapeUntil(values => values[workers('gone')] === gone + 1), { [REQUESTS]: requests })
  first = await pm2.start(api)
  await checkCounts('after kill -9 and a restart')
  t.match(await first.scrape(), { [workers('gone')]: gone })

  await first.kill()
  await second.kill()
  first = await pm2.start(api)
  t.equal((await first.scrape())[REQUESTS], requests, 'the name of an application keeps its counts')
  const renamed = await pm2.start({ ...api, namespace: 'staging' })
  t.equal((await renamed.scrape())[REQUESTS] ?? 0, 0, 'the same name in another namespace has its own counts')
  t.match(await other.scrape(), { [REQUESTS]: 5, [workers('live')]: 1 })
})
