import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { MergedSlots } from '../fixtures/processes/slots.js'
import { createRandom } from '../fixtures/random.js'
import { readCount } from '../fixtures/read-count.js'

const PROGRAM = fileURLToPath(new URL('../fixtures/processes/writer-process.js', import.meta.url))
const SLOTS = [0, 1]
/** How long writers are killed at least, in milliseconds. */
const DURATION = 6000
/** How many are killed at least; CI kills more. */
const KILLS = readCount('WRITER_KILLS', 4)

t.setTimeout(60_000 + 1000 * KILLS)

/** The counts of the series that each owner has from its start. */
function countsOf ({ merged }: MergedSlots): number[] {
  const [family] = merged.families
  if (family?.type !== 'counter') return []
  const { table } = family
  return [...table.indices()].filter(index => !table.labelValueAt(index, 0).startsWith('round'))
    .map(index => family.valueAt(index))
}

t.test('writers that are killed while they write leave complete values that never decrease', async t => {
  const directory = t.testdir()
  const random = createRandom(20261126)
  const end = performance.now() + DURATION
  let kills = 0
  let reads = 0

  /** Starts one owner of a slot after another, and kills each soon after its first write. */
  async function killOwners (slot: number): Promise<void> {
    for (let generation = 1; performance.now() < end || kills < KILLS; generation++) {
      const child = spawn(process.execPath, [PROGRAM, directory, `${slot}`, `${generation}`], {
        stdio: ['ignore', 'pipe', 'inherit'], env: {}
      })
      const exit = once(child, 'exit')
      await Promise.race([once(child.stdout, 'data'), exit])
      await sleep(random.integer(0, 5))
      child.kill('SIGKILL')
      const [, signal] = await exit
      if (signal !== 'SIGKILL') t.fail(`slot ${slot} ended by itself`)
      kills++
    }
  }

  /** Reads all slots again and again; each slot has the same count for all series. */
  async function readSlots (isDone: () => boolean): Promise<void> {
    const slots = SLOTS.map(slot => new MergedSlots(directory, [slot]))
    const counts = SLOTS.map(() => 0)
    while (!isDone()) {
      for (const [i, merged] of slots.entries()) {
        const { slots: [report] } = merged.read()
        reads++
        for (const problem of report!.problems) t.fail(`slot ${i}: ${problem.reason} ${problem.message}`)
        const values = countsOf(merged)
        const count = values[0] ?? 0
        if (values.some(value => value !== count) || ![0, 500].includes(values.length)) t.fail(`slot ${i} is torn`)
        if (count < counts[i]!) t.fail(`slot ${i} decreased from ${counts[i]} to ${count}`)
        counts[i] = count
      }
      await sleep(20)
    }
    t.ok(counts.every(count => count > 0), `counts: ${counts.join()}`)
  }

  let isDone = false
  const reading = readSlots(() => isDone)
  await Promise.all(SLOTS.map(killOwners))
  isDone = true
  await reading
  t.comment(`${kills} kills, ${reads} reads`)
  t.ok(kills >= KILLS && reads >= 20, `${kills} kills, ${reads} reads`)
})
