import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import { Collectors } from '../../lib/exposition/collectors.js'
import type { CollectingPass, NamedCollector } from '../../lib/exposition/collectors.js'
import type { CollectedFamily } from '../../lib/exposition/check-family.js'
import { collectGarbage } from '../fixtures/collect-garbage.js'
import { NEVER_ABORTED } from '../fixtures/exposition/expose.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { runModule } from '../fixtures/run-module.js'

/** A metric that counts the calls of `get`, and returns a sample with the value of `value()`. */
function collector (name: string, value: () => unknown): NamedCollector & { readonly calls: () => number } {
  let calls = 0
  return {
    name,
    metric: {
      async get () {
        calls++
        return { help: name, type: 'gauge', values: [{ labels: {}, value: await value() }] }
      },
      reset () {}
    },
    calls: () => calls
  }
}

const hangingCollector = (): NamedCollector => collector('hanging', async () => await new Promise(() => {}))

const valueOf = (family: CollectedFamily | null | undefined): number | undefined => family?.rows[0]?.value

const pass = (signal = NEVER_ABORTED): CollectingPass => ({ scheduler: new Scheduler(), defaultLabels: {}, signal })

/** Collectors that throw when a metric fails. */
const strictCollectors = (timeout = 1000): Collectors => new Collectors(timeout, (_metric, err) => { throw err })

/** A later scrape calls `get` again after this. */
async function waitTwoTurns (): Promise<void> {
  await nextTurn()
  await nextTurn()
}

t.test('returns families in the order of the metrics', async t => {
  const collectors = strictCollectors()
  const slow = promiseWithResolvers<number>()
  const families = collectors.collect([collector('a', async () => await slow.promise), collector('b', () => 2)], pass())
  slow.resolve(1)
  t.strictSame((await families).map(family => [family?.name, valueOf(family)]), [['a', 1], ['b', 2]])
  t.strictSame(await collectors.collect([], pass()), [])
})

t.test('leaves out only the metric that throws, that rejects, or that has an invalid value', async t => {
  const failed: Array<[string, unknown]> = []
  const collectors = new Collectors(1000, (metric, err) => { failed.push([metric, (err as Error).message]) })
  const metrics = [
    { name: 'throws', metric: { get (): Promise<unknown> { throw new Error('thrown') }, reset () {} } },
    collector('rejects', async () => { throw new Error('rejected') }),
    collector('invalid', () => 'x'),
    collector('valid', () => 4)
  ]
  const families = await collectors.collect(metrics, pass())
  t.strictSame(families.map(valueOf), [undefined, undefined, undefined, 4])
  t.match(failed, [['throws', 'thrown'], ['rejects', 'rejected'], ['invalid', /must be a number/]])
})

t.test('waits for a metric that hangs until the timeout, then not at all, and calls it only once', async t => {
  t.clock.enter()
  const failed: Array<[string, unknown]> = []
  const collectors = new Collectors(300, (metric, err) => { failed.push([metric, err]) })
  const hang = promiseWithResolvers<number>()
  const hanging = collector('hanging', async () => await hang.promise)
  const families = collectors.collect([hanging, collector('valid', () => 1)], pass())
  await nextTurn()
  t.clock.advance(299)
  const late = collectors.collect([hanging], pass())
  await nextTurn()
  t.equal(failed.length, 0)
  t.clock.advance(1)
  t.strictSame((await families).map(valueOf), [undefined, 1])
  t.strictSame((await late).map(valueOf), [undefined])
  t.strictSame(
    (await collectors.collect([hanging, collector('valid', () => 2)], pass())).map(valueOf),
    [undefined, 2],
    'without waiting'
  )
  t.equal(failed.length, 3)
  for (const failure of failed) {
    t.match(failure, ['hanging', { code: 'DYNOAI_METRICS_ERR_COLLECT', message: /'hanging'.*too long.*300 ms/ }])
  }
  t.equal(hanging.calls(), 1)

  // Once it has settled, the next scrape calls it again.
  hang.reject(new Error('late'))
  await waitTwoTurns()
  t.strictSame((await collectors.collect([hanging], pass())).map(valueOf), [undefined])
  t.equal(hanging.calls(), 2)
})

t.test('shares one call of a metric among scrapes at the same time, and calls it again for a later one', async t => {
  const collectors = strictCollectors()
  let value = 0
  const quick = collector('quick', () => ++value)
  const slow = promiseWithResolvers<number>()
  const waiting = collector('waiting', async () => await slow.promise)
  // The time does not advance, so no slice ends between two metrics.
  const passInOneSlice = (): CollectingPass => ({ ...pass(), scheduler: new Scheduler({ now: () => 0, nextTurn }) })
  const first = collectors.collect([quick, waiting], passInOneSlice())
  const second = collectors.collect([quick, waiting], passInOneSlice())
  await waitTwoTurns()
  const third = collectors.collect([quick, waiting], passInOneSlice())
  slow.resolve(5)
  const families = await Promise.all([first, second, third])
  t.strictSame(families.map(families => families.map(valueOf)), [[1, 5], [1, 5], [2, 5]])
  t.equal(waiting.calls(), 1)
  await waitTwoTurns()
  t.strictSame((await collectors.collect([quick], pass())).map(valueOf), [3])
})

t.test('shares a value that is immediately available among scrapes of the same turn', async t => {
  const collectors = strictCollectors()
  let value = 0
  const quick = collector('quick', () => ++value)
  // The time does not advance, so no slice ends.
  const scheduler = new Scheduler({ now: () => 0, nextTurn })
  const [first] = await collectors.collect([quick], { ...pass(), scheduler })
  const [second] = await collectors.collect([quick], { ...pass(), scheduler })
  t.strictSame([valueOf(first), valueOf(second)], [1, 1])
})

t.test('stops when the signal is aborted, while it waits and between two metrics', async t => {
  const failed: string[] = []
  const collectors = new Collectors(60_000, metric => { failed.push(metric) })
  const whileWaiting = new AbortController()
  const waiting = collectors.collect([hangingCollector()], pass(whileWaiting.signal))
  whileWaiting.abort(new Error('aborted'))
  await t.rejects(waiting, { message: 'aborted' })

  const betweenMetrics = new AbortController()
  const first = collector('first', () => {
    betweenMetrics.abort(new Error('aborted'))
    return 1
  })
  const second = collector('second', () => 1)
  await t.rejects(collectors.collect([first, second], pass(betweenMetrics.signal)), { message: 'aborted' })
  t.equal(second.calls(), 0)
  t.strictSame(failed, [], 'no metric has failed')
})

t.test('a metric that hangs does not retain the scrapes that wait for it', async t => {
  const collectors = new Collectors(1, () => {})
  const hanging = hangingCollector()
  const heapAfter = async (rounds: number): Promise<number> => {
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: 100 }, async () => await collectors.collect([hanging], pass())))
    }
    await nextTurn()
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  await heapAfter(20)
  // The smallest of three measurements: a garbage collection may leave objects that do not belong to a scrape.
  const perScrape: number[] = []
  for (let round = 0; round < 3; round++) {
    const before = await heapAfter(20)
    perScrape.push((await heapAfter(50) - before) / 5000)
  }
  t.ok(Math.min(...perScrape) < 100, `${perScrape.join()} bytes per scrape`)
})

t.test('runs one call of a metric at a time although its thenable resolves twice', async t => {
  const collectors = strictCollectors()
  const resolvers: Array<(value: unknown) => void> = []
  const thenable = { then: (resolve: (value: unknown) => void) => { resolvers.push(resolve) } }
  const metrics = [{ name: 'a', metric: { get: () => thenable as unknown as Promise<unknown>, reset () {} } }]
  const family = { type: 'gauge', values: [] }
  const first = collectors.collect(metrics, pass())
  resolvers[0]?.(family)
  await first
  await waitTwoTurns()
  const second = collectors.collect(metrics, pass())
  resolvers[0]?.(family)
  await waitTwoTurns()
  const third = collectors.collect(metrics, pass())
  t.equal(resolvers.length, 2)
  resolvers[1]?.(family)
  t.strictSame((await Promise.all([second, third])).map(families => families.length), [1, 1])
})

t.test('leaves no timer running', async t => {
  const timers = (): number => process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
  const before = timers()
  await strictCollectors(60_000).collect([collector('a', () => 1)], pass())
  t.equal(timers(), before)
})

t.test('yields to the event loop between collectors that block it', async t => {
  const collectors = strictCollectors()
  let turns = 0
  let now = 0
  const scheduler = new Scheduler({ now: () => now, nextTurn })
  const count = (): void => { turns++ }
  const slow = (name: string): NamedCollector => collector(name, () => {
    setImmediate(count)
    now += 2
    return turns
  })
  const families = await collectors.collect([slow('a'), slow('b'), slow('c')], { ...pass(), scheduler })
  t.strictSame(families.map(valueOf), [0, 1, 2])
})

t.test('keeps the process running until the last metric has settled or timed out', async t => {
  const { exitCode, output } = await runModule(t, `
    import { Scheduler } from ${JSON.stringify(import.meta.resolve('../../lib/exposition/scheduler.js'))}
    import { Collectors } from ${JSON.stringify(import.meta.resolve('../../lib/exposition/collectors.js'))}
    const slow = () => {
      const until = performance.now() + 80
      while (performance.now() < until);
      return Promise.resolve({ help: '', type: 'gauge', values: [] })
    }
    const hanging = () => new Promise(() => {})
    const metrics = [slow, hanging].map((get, i) => ({ name: 'm' + i, metric: { get, reset () {} } }))
    const pass = { scheduler: new Scheduler(), defaultLabels: {}, signal: new AbortController().signal }
    const families = await new Collectors(100, () => {}).collect(metrics, pass)
    console.log(families.map(family => family === null).join())
  `)
  t.equal(exitCode, 0)
  t.match(output, 'false,true')
})

t.test('in the background, a metric that never settles does not keep the process running', async t => {
  const { output } = await runModule(t, `
    import { Scheduler } from ${JSON.stringify(import.meta.resolve('../../lib/exposition/scheduler.js'))}
    import { Collectors } from ${JSON.stringify(import.meta.resolve('../../lib/exposition/collectors.js'))}
    const metric = { get: () => new Promise(() => {}), reset () {} }
    const signal = new AbortController().signal
    const pass = { scheduler: new Scheduler(), defaultLabels: {}, signal, isBackground: true }
    process.on('exit', () => { console.log('exits') })
    await new Collectors(2 ** 30, () => {}).collect([{ name: 'm', metric }], pass)
  `)
  t.equal(output.trim(), 'exits')
})
