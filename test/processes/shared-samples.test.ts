import * as fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { CollectedFamily } from '../../lib/exposition/check-family.js'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import { SharedSamples } from '../../lib/processes/shared-samples.js'
import type { SharedSamplesOptions } from '../../lib/processes/shared-samples.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { systemError } from '../fixtures/processes/fake-system.js'
import { byUser, datedFamily, listedSlots, valuesOf } from '../fixtures/processes/sampled-families.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

interface Values {
  readonly counter: number
  readonly gauge?: number
}

const collected = ({ counter, gauge = counter }: Values): CollectedFamily[] => [
  datedFamily('c_total', byUser('counter', { a: counter })),
  datedFamily('g', byUser('gauge', { a: gauge })),
  datedFamily('process_x', byUser('gauge', { a: gauge }))
]

/** A process that owns a slot of a directory. */
class Process {
  readonly samples: SharedSamples
  values: Values = { counter: 0 }
  readonly errors: unknown[] = []
  readonly problems: unknown[] = []
  readonly conflicts: unknown[] = []
  readonly #directory: string
  readonly #own: { readonly slot: number, readonly generation: number }

  constructor (directory: string, slot: number, options: Partial<SharedSamplesOptions> & { generation?: number } = {}) {
    const { generation = 1, ...others } = options
    this.#directory = directory
    this.#own = { slot, generation }
    this.samples = new SharedSamples({
      directory,
      isRuntime: name => name.startsWith('process_'),
      collect: async () => collected(this.values),
      collectSums: async () => collected(this.values),
      onError: err => { this.errors.push(err) },
      onProblem: ({ slot, problem }) => { this.problems.push([slot, problem.reason]) },
      onConflict: conflict => { this.conflicts.push(conflict) },
      ...others
    })
    this.samples.inherit(this.#own)
  }

  /** Scrapes the process. The owners of the slots in `exited` have exited. */
  scrape (values: Values, exited: readonly number[] = []): Record<string, number> {
    this.values = values
    const slots = listedSlots(this.#directory, exited)
    return valuesOf(runToEnd(this.samples.merge({ own: collected(values), ownSlot: this.#own, slots })))
  }

  /** Collects in the background, if that is due. */
  async update (values: Values, lastScrape = Date.now()): Promise<void> {
    this.values = values
    this.samples.update(this.#own, lastScrape)
    for (let i = 0; i < 5; i++) await new Promise(resolve => { setImmediate(resolve) })
  }
}

t.test('a scrape of any process has the samples of all', async t => {
  const directory = t.testdir()
  const [first, second] = [new Process(directory, 0), new Process(directory, 1)]
  await second.update({ counter: 10 })
  const expected = {
    'c_total{user=a}': 11, 'g{user=a}': 11, 'process_x{user=a,worker=0}': 1, 'process_x{user=a,worker=1}': 10
  }
  t.strictSame(first.scrape({ counter: 1 }), expected)
  t.strictSame(second.scrape({ counter: 10 }), expected)
})

t.test('the sums do not decrease while processes are scraped in turn', async t => {
  const directory = t.testdir()
  const processes = [0.1, 0.2, 0.7].map((counter, slot) => ({ counter, process: new Process(directory, slot) }))
  let last = 0
  for (let i = 0; i < 60; i++) {
    for (const scraped of processes) {
      scraped.counter += 0.1
      const sum = scraped.process.scrape({ counter: scraped.counter })['c_total{user=a}'] ?? 0
      t.ok(sum > last)
      last = sum
    }
  }
})

t.test('the sums of a process stay when it exits, and the next one inherits them', async t => {
  const directory = t.testdir()
  const [first, second] = [new Process(directory, 0), new Process(directory, 1)]
  first.scrape({ counter: 1 })
  second.scrape({ counter: 10 })
  const exited = { 'c_total{user=a}': 11, 'g{user=a}': 1, 'process_x{user=a,worker=0}': 1 }
  t.strictSame(first.scrape({ counter: 1 }, [1]), exited)
  const third = new Process(directory, 1, { generation: 2 })
  t.strictSame(first.scrape({ counter: 1 }), exited)
  const expected = {
    'c_total{user=a}': 111, 'g{user=a}': 101, 'process_x{user=a,worker=0}': 1, 'process_x{user=a,worker=1}': 100
  }
  t.strictSame(third.scrape({ counter: 100 }), expected)
  t.strictSame(first.scrape({ counter: 1 }), expected)
  t.strictSame(fs.readdirSync(directory).sort(), ['0.carried.1', '0.samples.1', '1.carried.2', '1.samples.2'])
})

t.test('a slot that is taken many times has a bounded number of files, and exact sums', async t => {
  const directory = t.testdir()
  const scraped = new Process(directory, 0)
  for (let generation = 1; generation <= 100; generation++) {
    const process = new Process(directory, 1, { generation })
    process.scrape({ counter: 1 })
    t.equal(scraped.scrape({ counter: 0 })['c_total{user=a}'], generation)
    process.samples.close()
  }
  t.equal(fs.readdirSync(directory).length, 4)
})

t.test('until a process has inherited, the samples of the owner before count', async t => {
  const directory = t.testdir()
  new Process(directory, 0).scrape({ counter: 1 })
  let isFull = true
  const renameSync: typeof fs.renameSync = (from, to) => {
    if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    fs.renameSync(from, to)
  }
  const next = new Process(directory, 0, { generation: 2, fs: { ...nodeFileSystem, renameSync } })
  t.match(next.errors, [{ code: 'ENOSPC' }])
  const expected = { 'c_total{user=a}': 11, 'g{user=a}': 10, 'process_x{user=a,worker=0}': 10 }
  t.strictSame(next.scrape({ counter: 10 }, [0]), expected)
  t.strictSame(fs.readdirSync(directory).sort(), ['0.carried.1', '0.samples.1'])
  isFull = false
  await next.update({ counter: 10 })
  t.strictSame(fs.readdirSync(directory).sort(), ['0.carried.2', '0.samples.2'])
  t.strictSame(next.scrape({ counter: 10 }), expected)
  isFull = true
  t.strictSame(next.scrape({ counter: 20 })['c_total{user=a}'], 21)
  t.match(next.errors, [{ code: 'ENOSPC' }, { code: 'ENOSPC' }], 'the samples were not written')
})

t.test('without a slot, a process has only its samples', async t => {
  const directory = t.testdir()
  const { samples } = new Process(directory, 0)
  const own = collected({ counter: 1 })
  t.equal(runToEnd(samples.merge({ own, ownSlot: null, slots: [] })), own)
  const merged = runToEnd(samples.merge({ own, ownSlot: { slot: 0, generation: 1 }, slots: [] }))
  t.equal(valuesOf(merged)['process_x{user=a,worker=0}'], 1, 'no slot is listed')
})

t.test('collects in the background while the service is scraped, and until it is closed', async t => {
  const directory = t.testdir()
  const path = join(directory, '0.samples.1')
  const process = new Process(directory, 0)
  await process.update({ counter: 1 }, 0)
  t.notOk(fs.existsSync(path))
  await process.update({ counter: 1 })
  t.ok(fs.existsSync(path))
  const closed = new Process(directory, 1)
  closed.samples.close()
  await closed.update({ counter: 1 })
  closed.scrape({ counter: 1 })
  t.notOk(fs.existsSync(join(directory, '1.samples.1')))
  const failing = new Process(directory, 2, { collect: async () => { throw new Error('failed') } })
  await failing.update({ counter: 1 })
  t.match(failing.errors, [{ message: 'failed' }])
})

t.test('a slow collection or write does not replace a later one', async t => {
  const directory = t.testdir()
  const read = (): string => fs.readFileSync(join(directory, '0.samples.1'), 'utf8')
  const pending = promiseWithResolvers<CollectedFamily[]>()
  const process = new Process(directory, 0, { collect: async () => await pending.promise })
  await process.update({ counter: 0 })
  const slow = process.samples.merge({ own: collected({ counter: 1 }), ownSlot: { slot: 0, generation: 1 }, slots: [] })
  slow.next()
  process.scrape({ counter: 2 })
  runToEnd(slow)
  t.match(read(), /\[\[2,/)
  pending.resolve(collected({ counter: 1 }))
  await process.update({ counter: 0 })
  t.notMatch(read(), /\[\[1,/)
  const older = { own: collected({ counter: 1 }), ownSlot: { slot: 0, generation: 1 }, slots: [], startedAt: 0 }
  runToEnd(process.samples.merge(older))
  t.notMatch(read(), /\[\[1,/)
})

t.test('a process that has taken another slot meanwhile does not write to the one before', async t => {
  const directory = t.testdir()
  const { samples } = new Process(directory, 0)
  const slow = samples.merge({ own: collected({ counter: 1 }), ownSlot: { slot: 0, generation: 1 }, slots: [] })
  slow.next()
  samples.update({ slot: 1, generation: 1 }, 0)
  runToEnd(slow)
  t.strictSame(fs.readdirSync(directory).sort(), ['0.carried.1', '1.carried.1'])
})

t.test('reports what is left out', async t => {
  const directory = t.testdir()
  const large = datedFamily('g', { type: 'gauge', help: 'x'.repeat(2 ** 20), values: [] })
  const process = new Process(directory, 0, { collect: async () => [large] })
  await process.update({ counter: 1 })
  t.match(process.errors, [{ reason: 'too_large' }])
  const other = new Process(directory, 1, {
    since: Date.now() + 1e6, collect: async () => [datedFamily('c_total', byUser('gauge', { a: 1 }))]
  })
  await other.update({ counter: 1 })
  fs.writeFileSync(join(directory, '0.carried.1'), '')
  t.strictSame(process.scrape({ counter: 1 })['c_total{user=a}'], 1)
  t.strictSame(process.problems, [[0, 'truncated']])
  t.strictSame(process.conflicts, [{ slot: 0, name: 'c_total', isInherited: false }])
  const next = new Process(directory, 0, { generation: 2 })
  t.strictSame(next.problems, [[0, 'truncated']])
  fs.writeFileSync(join(directory, '0.carried.2'), '')
  const silent = new Process(directory, 0, { generation: 3, onProblem: undefined, onConflict: undefined })
  t.strictSame(silent.scrape({ counter: 1 })['c_total{user=a}'], 1)
  t.strictSame(silent.problems, [])
})

t.test('sums that cannot be read at present are not inherited yet', async t => {
  const directory = t.testdir()
  new Process(directory, 0).scrape({ counter: 1 })
  const openSync = (): never => { throw systemError('EMFILE') }
  const next = new Process(directory, 0, { generation: 2, fs: { ...nodeFileSystem, openSync } })
  t.strictSame(next.problems, [[0, 'unreadable']])
  t.equal(next.samples.inherit({ slot: 0, generation: 2 }), false)
  t.ok(fs.readdirSync(directory).includes('0.samples.1'))
})

t.test('reports that the last sums cannot be collected', async t => {
  const process = new Process(t.testdir(), 0, { collectSums: async () => { throw new Error('fails') } })
  await process.samples.collectLast()
  t.match(process.errors, [{ message: 'fails' }])
})
