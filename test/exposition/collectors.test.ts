import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { Scheduler } from '../../lib/exposition/scheduler.js'
import { Collectors } from '../../lib/exposition/collectors.js'
import type { CollectingPass, NamedCollector } from '../../lib/exposition/collectors.js'
import { collectGarbage } from '../fixtures/collect-garbage.js'
import { NEVER_ABORTED } from '../fixtures/exposition/expose.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { runModule } from '../fixtures/run-module.js'

/** A metric whose `get` is counted, and gives what `value` does. */
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

const valueOf = (family: { readonly rows: ReadonlyArray<{ readonly value: number }> } | null): number | undefined => family?.rows[0]?.value

const pass = (signal = NEVER_ABORTED): CollectingPass => ({ scheduler: new Scheduler(), defaultLabels: {}, signal })

t.test('gives families in the order of the metrics', async t => {
  const collectors = new Collectors(1000, (_metric, err) => { throw err })
  const slow = promiseWithResolvers<number>()
  const families = collectors.collect([collector('a', async () => await slow.promise), collector('b', () => 2)], pass())
  slow.resolve(1)
  t.strictSame((await families).map(family => [family?.name, valueOf(family)]), [['a', 1], ['b', 2]])
  t.strictSame(await collectors.collect([], pass()), [])
})

t.test('one that throws, at once or later, costs itself alone', async t => {
  const failed: Array<[string, unknown]> = []
  const collectors = new Collectors(1000, (metric, err) => { failed.push([metric, (err as Error).message]) })
  const throwing = { name: 'now', metric: { get (): Promise<unknown> { throw new Error('at once') }, reset () {} } }
  const families = await collectors.collect([throwing, collector('later', async () => { throw new Error('later') }), collector('wrong', () => 'x'), collector('well', () => 4)], pass())
  t.strictSame(families.map(valueOf), [undefined, undefined, undefined, 4])
  t.match(failed, [['now', 'at once'], ['later', 'later'], ['wrong', /must be a number/]])
})

t.test('one that hangs is left out after its time, later at once, and asked no second time while it hangs', async t => {
  t.clock.enter()
  const failed: Array<[string, unknown]> = []
  const collectors = new Collectors(300, (metric, err) => { failed.push([metric, err]) })
  const hang = promiseWithResolvers<number>()
  const hanging = collector('hanging', async () => await hang.promise)
  const families = collectors.collect([hanging, collector('well', () => 1)], pass())
  await nextTurn()
  t.clock.advance(299)
  const late = collectors.collect([hanging], pass())
  await nextTurn()
  t.equal(failed.length, 0)
  t.clock.advance(1)
  t.strictSame((await families).map(valueOf), [undefined, 1])
  t.strictSame((await late).map(valueOf), [undefined])
  t.strictSame(
    (await collectors.collect([hanging, collector('well', () => 2)], pass())).map(valueOf),
    [undefined, 2],
    'without a wait'
  )
  t.equal(failed.length, 3)
  for (const one of failed) {
    t.match(one, ['hanging', { code: 'DYNOAI_METRICS_ERR_COLLECT', message: /'hanging'.*too long.*300 ms/ }])
  }
  t.equal(hanging.calls(), 1)

  // What comes of it in the end is news for the scrape after that.
  hang.reject(new Error('late'))
  await nextTurn()
  await nextTurn()
  t.strictSame((await collectors.collect([hanging], pass())).map(valueOf), [undefined])
  t.equal(hanging.calls(), 2)
})

t.test('scrapes at the same time share one call, and later ones have their own', async t => {
  const collectors = new Collectors(1000, (_metric, err) => { throw err })
  let value = 0
  const quick = collector('quick', () => ++value)
  const slow = promiseWithResolvers<number>()
  const waiting = collector('waiting', async () => await slow.promise)
  const first = collectors.collect([quick, waiting], pass())
  const second = collectors.collect([quick, waiting], pass())
  await nextTurn()
  await nextTurn()
  const third = collectors.collect([quick, waiting], pass())
  slow.resolve(5)
  t.strictSame((await Promise.all([first, second, third])).map(families => families.map(valueOf)), [[1, 5], [1, 5], [2, 5]])
  t.equal(waiting.calls(), 1)
  await nextTurn()
  await nextTurn()
  t.strictSame((await collectors.collect([quick], pass())).map(valueOf), [3])
})

t.test('scrapes that arrive in one turn share also what is there at once', async t => {
  const collectors = new Collectors(1000, (_metric, err) => { throw err })
  let value = 0
  const quick = collector('quick', () => ++value)
  // Time stands still, so that no slice ends.
  const scheduler = new Scheduler({ now: () => 0, nextTurn })
  const [first] = await collectors.collect([quick], { ...pass(), scheduler })
  const [second] = await collectors.collect([quick], { ...pass(), scheduler })
  t.strictSame([valueOf(first ?? null), valueOf(second ?? null)], [1, 1])
})

t.test('stops as soon as nobody wants the families, while it waits and between two metrics', async t => {
  const failed: string[] = []
  const collectors = new Collectors(60_000, metric => { failed.push(metric) })
  const waits = new AbortController()
  const waiting = collectors.collect([collector('hanging', async () => await new Promise(() => {}))], pass(waits.signal))
  waits.abort(new Error('left'))
  await t.rejects(waiting, { message: 'left' })

  const calls = new AbortController()
  const later = collector('later', () => 1)
  await t.rejects(collectors.collect([collector('first', () => { calls.abort(new Error('left')); return 1 }), later], pass(calls.signal)), { message: 'left' })
  t.equal(later.calls(), 0)
  t.strictSame(failed, [], 'which is no failure of a metric')
})

t.test('one that hangs keeps nothing of the scrapes that wait for it', async t => {
  const collectors = new Collectors(1, () => {})
  const hanging = collector('hanging', async () => await new Promise(() => {}))
  const heapAfter = async (rounds: number): Promise<number> => {
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: 100 }, async () => await collectors.collect([hanging], pass())))
    }
    await nextTurn()
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  await heapAfter(20)
  // The least of three, since a collection may leave behind what is none of a scrape's.
  const perScrape: number[] = []
  for (let round = 0; round < 3; round++) {
    const before = await heapAfter(20)
    perScrape.push((await heapAfter(50) - before) / 5000)
  }
  t.ok(Math.min(...perScrape) < 100, `${perScrape.join()} bytes per scrape`)
})

t.test('one that answers twice is asked once at a time all the same', async t => {
  const collectors = new Collectors(1000, (_metric, err) => { throw err })
  const answers: Array<(value: unknown) => void> = []
  const metric = {
    get: () =>
      ({
        then: (answer: (value: unknown) => void) => {
          answers.push(answer)
        }
      }) as unknown as Promise<unknown>,
    reset () {}
  }
  const given = { type: 'gauge', values: [] }
  const first = collectors.collect([{ name: 'a', metric }], pass())
  answers[0]?.(given)
  await first
  await nextTurn()
  await nextTurn()
  const second = collectors.collect([{ name: 'a', metric }], pass())
  answers[0]?.(given)
  await nextTurn()
  await nextTurn()
  const third = collectors.collect([{ name: 'a', metric }], pass())
  t.equal(answers.length, 2)
  answers[1]?.(given)
  t.strictSame((await Promise.all([second, third])).map(families => families.length), [1, 1])
})

t.test('leaves no timer behind', async t => {
  const timers = (): number => process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length
  const before = timers()
  await new Collectors(60_000, (_metric, err) => { throw err }).collect([collector('a', () => 1)], pass())
  t.equal(timers(), before)
})

t.test('gives the event loop back between collectors that are slow at once', async t => {
  const collectors = new Collectors(1000, (_metric, err) => { throw err })
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

t.test('keeps the process alive until the last metric has answered or taken too long', async t => {
  const { exitCode, output } = await runModule(t, `
    import { Scheduler } from ${JSON.stringify(import.meta.resolve('../../lib/exposition/scheduler.js'))}
    import { Collectors } from ${JSON.stringify(import.meta.resolve('../../lib/exposition/collectors.js'))}
    const slow = () => {
      const until = performance.now() + 80
      while (performance.now() < until);
      return Promise.resolve({ help: '', type: 'gauge', values: [] })
    }
    const metrics = [slow, () => new Promise(() => {})].map((get, i) => ({ name: 'm' + i, metric: { get, reset () {} } }))
    const pass = { scheduler: new Scheduler(), defaultLabels: {}, signal: new AbortController().signal }
    const families = await new Collectors(100, () => {}).collect(metrics, pass)
    console.log(families.map(family => family === null).join())
  `)
  t.equal(exitCode, 0)
  t.match(output, 'false,true')
})
