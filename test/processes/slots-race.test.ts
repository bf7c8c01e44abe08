import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { listSlots } from '../../lib/processes/slots.js'
import { readCount } from '../fixtures/read-count.js'

const PROCESSES = 12
/** The race ends after this many takeovers, and this many processes that were killed. CI runs more. */
const TAKEOVERS = readCount('SLOT_TAKEOVERS', 300)
const KILLED = Math.max(8, TAKEOVERS / 100)
/** The bytes that a process logs for each takeover. */
const BYTES_PER_TAKEOVER = 60
/** How often the test kills a process, in milliseconds. */
const POLL = 250
/** Then the race ends in any case, in milliseconds. */
const MAX_DURATION = 30_000 + 50 * TAKEOVERS

t.setTimeout(60_000 + MAX_DURATION)

const program = fileURLToPath(new URL('../fixtures/processes/slot-process.js', import.meta.url))

/** A time in which a process owned a slot, in nanoseconds. */
interface Tenure {
  readonly slot: string
  readonly generation: string
  readonly from: bigint
  /** If the process was killed by the test, when the signal was sent: it ran until then. */
  readonly to: bigint
}

/** Reads what a process owned. The last line is incomplete if the process was killed while it wrote it. */
function readTenures (log: string, killedAt: bigint | undefined): Tenure[] {
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1).map(line => line.split(' '))
  return lines.flatMap(([event, slot = '', generation = '', time = '0'], index) => {
    if (event !== 'taken') return []
    const end = lines[index + 1]?.[3]
    // Without an end, the process was killed by the test while it owned the slot.
    return [{ slot, generation, from: BigInt(time), to: end === undefined ? killedAt ?? BigInt(time) : BigInt(end) }]
  })
}

t.test('no slot has two owners while processes race for slots and are killed', async t => {
  const root = t.testdir({ slots: {}, logs: {} })
  const [directory, logs, stop] = ['slots', 'logs', 'stop'].map(name => join(root, name)) as [string, string, string]
  const running = new Map<string, ChildProcess>()
  const killTimes = new Map<string, bigint>()
  t.teardown(() => { for (const child of running.values()) child.kill('SIGKILL') })
  let count = 0
  let killed = 0

  async function runProcesses (): Promise<void> {
    while (!existsSync(stop)) {
      const log = join(logs, String(count++))
      writeFileSync(log, '')
      // Without the modules with which tap measures coverage, a process starts faster.
      const child = fork(program, [directory, log, stop], { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } })
      running.set(log, child)
      const [code, signal] = await once(child, 'exit') as [number | null, string | null]
      running.delete(log)
      if (signal === 'SIGKILL') killed++
      else t.equal(code, 0, 'a process ends by itself')
    }
  }
  const sizeOf = (log: string): number => statSync(join(logs, log)).size
  const all = Promise.all(Array.from({ length: PROCESSES }, runProcesses))
  const start = Date.now()
  const isComplete = (): boolean => {
    const bytes = readdirSync(logs).map(sizeOf).reduce((a, b) => a + b, 0)
    return bytes >= TAKEOVERS * BYTES_PER_TAKEOVER && killed >= KILLED
  }
  while (!isComplete() && Date.now() - start < MAX_DURATION) {
    await delay(POLL)
    const [log, child] = [...running].find(([log]) => statSync(log).size > 0 && !killTimes.has(log)) ?? []
    if (log !== undefined && child !== undefined) {
      killTimes.set(log, process.hrtime.bigint())
      child.kill('SIGKILL')
    }
  }
  writeFileSync(stop, '')
  await all

  const tenures = readdirSync(logs).flatMap(name => readTenures(join(logs, name), killTimes.get(join(logs, name))))
  const generations = new Set(tenures.map(({ slot, generation }) => `${slot}.${generation}`))
  t.ok(tenures.length >= TAKEOVERS / 2, `${tenures.length} takeovers`)
  t.ok(killed >= KILLED, `${killed} processes were killed`)
  t.equal(generations.size, tenures.length, 'each generation of a slot has one owner')

  const last = new Map<string, Tenure>()
  const overlaps = tenures.sort((a, b) => a.from < b.from ? -1 : 1).filter(tenure => {
    const previous = last.get(tenure.slot)
    last.set(tenure.slot, tenure)
    return previous !== undefined && previous.to > tenure.from
  })
  t.strictSame(overlaps, [], 'no two owners at the same time')
  t.comment(`${tenures.length} takeovers, ${count} processes, ${killed} killed, ${last.size} slots`)
  t.ok(last.size <= 2 * PROCESSES, `${last.size} slots`)

  await delay(10) // until the last process is removed from the list of processes
  const slots = listSlots(directory)
  t.ok(slots.every(({ isOwned }) => !isOwned), 'all slots are free')
  t.ok(readdirSync(directory).length <= 3 * slots.length + killed, 'lower generations are deleted')
})
