import t from 'tap'
import { Sampling } from '../../lib/processes/sampling.js'
import type { SamplingOptions } from '../../lib/processes/sampling.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

const START = 1_700_000_000_000

class TestedSampling {
  readonly sampling: Sampling
  /** In milliseconds since `START`. */
  time = 0
  /** How much later the time of day is, in milliseconds. */
  offset = 0
  collections = 0
  readonly errors: unknown[] = []

  constructor (collect: SamplingOptions['collect'] = async () => {}) {
    this.sampling = new Sampling({
      time: () => this.time,
      wallTime: () => START + this.time + this.offset,
      onError: err => { this.errors.push(err) },
      collect: async signal => {
        this.collections++
        await collect(signal)
      }
    })
  }

  /** Updates the sampling, and waits until a collection that settles at once has settled. */
  async update (lastScrape: number): Promise<void> {
    this.sampling.update(lastScrape)
    await new Promise(resolve => { setImmediate(resolve) })
  }
}

t.test('collects every 10 s, for 150 s after a scrape of any process', async t => {
  const tested = new TestedSampling()
  await tested.update(0)
  t.equal(tested.collections, 0, 'no process was scraped')
  const cases: ReadonlyArray<readonly [time: number, lastScrape: number, expected: number]> = [
    [0, 0, 1], [1, 0, 1], [9999, 0, 1], [10_000, 0, 2], [19_999, 0, 2], [20_000, 0, 3], [149_999, 0, 4],
    [160_000, 0, 4], [160_000, 10_001, 5], [200_000, 50_000, 5], [200_000, 50_001, 6]
  ]
  for (const [time, lastScrape, expected] of cases) {
    tested.time = time
    await tested.update(START + lastScrape)
    t.equal(tested.collections, expected, `after ${time} ms`)
  }
})

t.test('collects once at a time', async t => {
  const pending = promiseWithResolvers<undefined>()
  const tested = new TestedSampling(async () => { await pending.promise })
  await tested.update(START)
  tested.time = 15_000
  await tested.update(START)
  t.equal(tested.collections, 1)
  pending.resolve(undefined)
  await tested.update(START)
  await tested.update(START)
  t.equal(tested.collections, 2)
})

t.test('reports a collection that fails, and collects again', async t => {
  const tested = new TestedSampling(async () => { throw new Error('failed') })
  await tested.update(START)
  tested.time = 10_000
  await tested.update(START)
  t.match(tested.errors, [{ message: 'failed' }, { message: 'failed' }])
})

t.test('a clock that is set does not keep the collection going, and does not stop it for good', async t => {
  for (const offset of [-3_600_000, 3_600_000]) {
    const tested = new TestedSampling()
    await tested.update(START)
    tested.offset = offset
    tested.time = 10_000
    await tested.update(START)
    t.equal(tested.collections, 1, 'the last scrape was at another time')
    await tested.update(START + 10_000 + offset)
    t.equal(tested.collections, 2)
  }
})

t.test('collects nothing after it is closed, and reports no error of a collection that it ends', async t => {
  const tested = new TestedSampling(async signal => {
    await new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(signal.reason) }) })
  })
  await tested.update(START)
  tested.sampling.close()
  tested.time = 10_000
  await tested.update(START)
  await tested.update(START)
  t.strictSame([tested.collections, tested.errors], [1, []])
})

t.test('reads the clocks of the system by default', async t => {
  let collections = 0
  const sampling = new Sampling({ onError: t.error, async collect () { collections++ } })
  sampling.update(Date.now())
  sampling.update(Date.now())
  t.equal(collections, 1)
})
