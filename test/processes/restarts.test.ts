import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readInherited } from '../../lib/processes/inheritance.js'
import { SharedSamples } from '../../lib/processes/shared-samples.js'
import { SlotWriter } from '../../lib/processes/slot-writer.js'
import { listSlots, releaseSlot, takeSlot } from '../../lib/processes/slots.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { fakeLinux, ownerOf, threadOf } from '../fixtures/processes/fake-system.js'
import { byUser, datedFamily, valuesOf } from '../fixtures/processes/sampled-families.js'
import { createCounter, createHistogram, increase, mergeSlots } from '../fixtures/processes/slots.js'
import { createRandom } from '../fixtures/random.js'

const RESTARTS = 1000
const PROCESSES = 4
/** The limit of series of a metric and a process. */
const MAX_SERIES = 20
/** Calls with a label value of their own, in each process. */
const NEW_VALUES = 5

/** A process that has a slot. Several run in this process, so each sees processes that are made up. */
class Process {
  readonly pid: number
  readonly counter = createCounter({}, MAX_SERIES)
  readonly histogram = createHistogram()
  readonly samples: SharedSamples
  /** What a collected counter has. */
  calls = 0
  readonly #directory: string
  readonly #slot: ReturnType<typeof takeSlot>
  readonly #writer: SlotWriter

  constructor (directory: string, pid: number, others: readonly number[]) {
    this.pid = pid
    this.#directory = directory
    this.#slot = takeSlot(directory, ownerOf(threadOf(pid)), fakeLinux([pid, ...others]))
    const { slot, generation } = this.#slot
    const { inherited, problems } = readInherited({ directory, slot })
    if (problems.length > 0) throw new AggregateError(problems)
    const families = [this.counter, this.histogram]
    this.samples = new SharedSamples({
      directory,
      isRuntime: () => false,
      collect: async () => [],
      collectSums: async () => [],
      onError: err => { throw err },
      since: pid
    })
    this.samples.inherit(this.#slot)
    this.#writer = new SlotWriter({ directory, slot, generation, since: pid, families, inherited })
    this.#writer.write()
  }

  work (): void {
    increase(this.counter, 'all')
    for (let i = 0; i < NEW_VALUES; i++) increase(this.counter, `${this.pid}-${i}`)
    this.histogram.record(0, 1)
    this.calls++
    this.#writer.write()
  }

  /** Scrapes the samples of all, and writes its own. */
  scrape (others: readonly number[]): Record<string, number> {
    const own = [datedFamily('collected_total', byUser('counter', { all: this.calls }), this.pid)]
    const slots = listSlots(this.#directory, fakeLinux([this.pid, ...others]))
    return valuesOf(runToEnd(this.samples.merge({ own, ownSlot: this.#slot, slots })))
  }

  /** Ends as if it was killed, or releases its slot. */
  end (isKilled: boolean): void {
    this.samples.close()
    this.#writer.close()
    if (!isKilled) releaseSlot(this.#directory, this.#slot)
  }
}

t.test('1,000 restarts leave few files, series and bytes, and all counts', async t => {
  const directory = t.testdir()
  const random = createRandom(14)
  const running: Process[] = []
  const measure = () => {
    const sizes = readdirSync(directory).map(name => statSync(join(directory, name)).size)
    return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  }
  let early = measure()
  for (let restart = 0; restart < RESTARTS; restart++) {
    if (running.length === PROCESSES) running.splice(random.integer(0, PROCESSES - 1), 1)[0]?.end(random.float() < 0.7)
    const process = new Process(directory, 1000 + restart, running.map(({ pid }) => pid))
    running.push(process)
    process.work()
    process.scrape(running.map(({ pid }) => pid))
    if (restart === 10 * PROCESSES) early = measure()
  }

  const slots = readdirSync(directory).map(name => Number(name.split('.')[0]))
  t.strictSame([...new Set(slots)].sort(), [0, 1, 2, 3], 'a slot for each process')
  const { files, bytes } = measure()
  t.ok(files <= PROCESSES * 9, `${files} files`)
  t.ok(bytes <= 1.2 * early.bytes, `${early.bytes} bytes after 40 restarts, ${bytes} after ${RESTARTS}`)

  const series = mergeSlots(directory, [...new Set(slots)])
  t.strictSame(series['calls_total["all"]'], [RESTARTS])
  t.strictSame(series['run_seconds[]'], [RESTARTS, RESTARTS, 0, 0])
  const counts = Object.entries(series).filter(([key]) => key.startsWith('calls_total'))
  const sum = counts.reduce((sum, [, [count = 0]]) => sum + count, 0)
  t.equal(sum, RESTARTS * (1 + NEW_VALUES), 'nothing is lost to the limit')
  // Each slot has the inherited series and those of its process.
  t.ok(counts.length <= PROCESSES * 2 * (MAX_SERIES + 1), `${counts.length} series`)
  const [process] = running
  t.strictSame(process?.scrape(running.map(({ pid }) => pid)), { 'collected_total{user=all}': RESTARTS })
})
