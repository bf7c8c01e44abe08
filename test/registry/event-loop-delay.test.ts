import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import {
  EventLoopDelay, IDLE_INTERVAL, INTERVAL, LONG_IDLE, LONG_IDLE_INTERVAL
} from '../../lib/registry/event-loop-delay.js'
import type { Clock, Window } from '../../lib/registry/event-loop-delay.js'

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

const BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The window of a timer call that was due after 20 ms and that a block delayed. */
const blockOf = (late: number): Window => ({ elapsed: INTERVAL + late, late, active: late })

/** The delays of the samples of a window, in milliseconds: one every 20 ms, which a block at its end may delay. */
function samplesOf ({ elapsed, late, active }: Window): number[] {
  const blocked = Math.max(late, late > 100 ? active : Math.min(active, late + 100))
  const longest = Math.min(Math.max(elapsed - 20, 0), 60_000)
  const delays = Array.from({ length: Math.max(1, Math.ceil(longest / 20)) }, (_, i) => longest - 20 * i)
  return delays.map(delay => delay <= blocked ? delay : 0)
}

interface Histogram {
  readonly counts: number[]
  readonly sum: number
}

/** The histogram that a list of all samples of these windows makes. */
function modelOf (windows: readonly Window[]): Histogram {
  const samples = windows.flatMap(samplesOf)
  const upTo = (bound: number): number => samples.filter(late => late <= 1000 * bound).length
  const counts = [...BOUNDS, Infinity].map((bound, i) => upTo(bound) - (i === 0 ? 0 : upTo(BOUNDS[i - 1] ?? NaN)))
  return { counts, sum: total(samples) / 1000 }
}

function observed (windows: readonly Window[]): Histogram {
  const delay = new EventLoopDelay()
  for (const window of windows) delay.observe(window)
  return { counts: delay.counts, sum: delay.sum }
}

/** A clock that the test advances: `fire` calls the timer after this time, of which `active` was active. */
function testClock () {
  let time = 1_000_000
  let activeTime = 5000
  const intervals: number[] = []
  let due = (): void => {}
  const clock: Clock = {
    now: () => time,
    active: () => activeTime,
    after (milliseconds, fn) {
      intervals.push(milliseconds)
      due = fn
    }
  }
  return {
    clock,
    /** The duration of each timer that was set, in milliseconds. */
    intervals,
    fire (milliseconds: number, active = milliseconds) {
      time += milliseconds
      activeTime += active
      due()
    }
  }
}

t.test('counts the samples that a block delayed, each 20 ms less than the one before', t => {
  //                          .01 .025 .05 .1 .25 .5 1 2.5 5 10 +Inf
  const table: ReadonlyArray<[number, number[], number]> = [
    [0, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0],
    [1, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.001],
    [10, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.01],
    [11, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.011],
    [20, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.02],
    [21, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.022],
    [100, [0, 1, 1, 3, 0, 0, 0, 0, 0, 0, 0], 0.3],
    [1000, [0, 1, 1, 3, 7, 13, 25, 0, 0, 0, 0], 25.5],
    [60_000, [0, 1, 1, 3, 7, 13, 25, 75, 125, 250, 2500], 90_030],
    [60_001, [0, 1, 1, 3, 7, 13, 25, 75, 125, 250, 2500], 90_030],
    [1e9, [0, 1, 1, 3, 7, 13, 25, 75, 125, 250, 2500], 90_030],
    [Infinity, [0, 1, 1, 3, 7, 13, 25, 75, 125, 250, 2500], 90_030],
    [-5, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0],
    [NaN, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0]
  ]
  for (const [late, counts, sum] of table) t.strictSame(observed([blockOf(late)]), { counts, sum }, `${late} ms`)
  t.end()
})

t.test('agrees with a list of all samples, for every length of a block up to 3 s and around the cap', t => {
  for (const milliseconds of [...Array(3001).keys(), 59_979, 59_980, 59_981, 59_999]) {
    const [actual, expected] = [observed([blockOf(milliseconds)]), modelOf([blockOf(milliseconds)])]
    if (JSON.stringify(actual) !== JSON.stringify(expected)) t.strictSame(actual, expected, `${milliseconds} ms`)
  }
  t.end()
})

t.test('agrees with a list of all samples, for any series of windows', t => {
  const milliseconds = fc.oneof(fc.nat(40), fc.nat(2000), fc.integer({ min: -100, max: 100_000 }))
  const window = fc.record({ elapsed: milliseconds, late: milliseconds, active: milliseconds })
  const windows = fc.array(window, { maxLength: 8 })
  fc.assert(fc.property(windows, windows => { t.strictSame(observed(windows), modelOf(windows)) }), { numRuns: 100 })
  t.end()
})

t.test('counts samples that were due while the event loop waited as on time', t => {
  const late = (window: Window): number[] => samplesOf(window).filter(delay => delay > 0)
  const table: ReadonlyArray<[string, Window, number, number[]]> = [
    ['nothing happened', { elapsed: 100, late: 0, active: 0 }, 4, []],
    ['the timer was a little late', { elapsed: 101, late: 1, active: 0.5 }, 5, [1]],
    ['a block of 50 ms ended before the timer was due', { elapsed: 100, late: 0, active: 50 }, 4, [40, 20]],
    ['the timer became due during a block of 50 ms', { elapsed: 130, late: 30, active: 50 }, 6, [50, 30, 10]],
    [
      'the event loop worked for 120 ms during a long wait', { elapsed: 250, late: 0, active: 120 }, 12,
      [90, 70, 50, 30, 10]
    ],
    ['a long wait ended during a block of 200 ms', { elapsed: 350, late: 100, active: 200 }, 17,
      [190, 170, 150, 130, 110, 90, 70, 50, 30, 10]],
    [
      'a block of 1 s at the start of a long wait', { elapsed: 1000, late: 750, active: 1000 }, 49,
      samplesOf(blockOf(980))
    ],
    ['a block of 1 s', { elapsed: 1090, late: 990, active: 1000 }, 54, samplesOf(blockOf(990))],
    ['the process was suspended while it waited', { elapsed: 1090, late: 990, active: 0 }, 54, samplesOf(blockOf(990))]
  ]
  for (const [name, window, count, delays] of table) {
    t.strictSame(late(window), delays, name)
    const { counts, sum } = observed([window])
    t.strictSame([total(counts), sum], [count, total(delays) / 1000], name)
  }
  t.end()
})

t.test('counts most samples of an event loop that is blocked half of the time as delayed', t => {
  const delay = new EventLoopDelay()
  const { clock, fire } = testClock()
  delay.start(clock)
  for (let round = 0; round < 10; round++) {
    fire(INTERVAL + 1000)
    for (let turn = 0; turn < 50; turn++) fire(INTERVAL)
  }
  const count = total(delay.counts)
  const upTo100 = total(delay.counts.slice(0, 4))
  t.equal(count, 10 * (50 + 50))
  t.equal(count - upTo100, 10 * 45, 'delayed by more than 100 ms: 0.9 s of each block')
  t.end()
})

t.test('measures the time above 20 ms between two timer calls of a busy process', t => {
  const delay = new EventLoopDelay()
  const { clock, fire } = testClock()
  delay.start(clock)
  for (const milliseconds of [20, 21, 45, 1020, 0, -500, 20]) fire(milliseconds)
  t.strictSame({ counts: delay.counts, sum: delay.sum }, modelOf([0, 1, 25, 1000, 0, 0, 0].map(blockOf)))
  t.end()
})

t.test('wakes an idle process less often, and counts as many samples', t => {
  const delay = new EventLoopDelay()
  const { clock, fire, intervals } = testClock()
  delay.start(clock)
  fire(20, 15)
  fire(20, 1)
  fire(100, 9)
  fire(100.5, 10.1)
  fire(20, 3)
  t.strictSame(intervals, [INTERVAL, INTERVAL, IDLE_INTERVAL, IDLE_INTERVAL, INTERVAL, INTERVAL])
  const idle = [{ elapsed: 100, late: 0, active: 9 }, { elapsed: 100.5, late: 0.5, active: 10.1 }]
  const windows = [blockOf(0), blockOf(0), ...idle, blockOf(0)]
  t.strictSame({ counts: delay.counts, sum: delay.sum }, modelOf(windows))

  fire(1020)
  t.equal(delay.counts[6], 25, 'measures a later block from the time at which the timer was due')
  t.end()
})

t.test('wakes a process that is idle for 5 s least often, until it is active again', t => {
  const delay = new EventLoopDelay()
  const { clock, fire, intervals } = testClock()
  delay.start(clock)
  fire(20, 1)
  for (let time = 20; time < LONG_IDLE; time += IDLE_INTERVAL) fire(IDLE_INTERVAL, 1)
  fire(LONG_IDLE_INTERVAL, 24)
  t.strictSame(intervals.slice(1, 51), Array(50).fill(IDLE_INTERVAL))
  t.strictSame(intervals.slice(51), [LONG_IDLE_INTERVAL, LONG_IDLE_INTERVAL])
  fire(LONG_IDLE_INTERVAL, 26)
  fire(INTERVAL, 1)
  t.strictSame(intervals.slice(53), [INTERVAL, IDLE_INTERVAL], 'the process was active')
  const count = 1 + 50 * 4 + 2 * 12
  t.equal(total(delay.counts), count + 1)
  t.end()
})

t.test('ignores a second start', t => {
  const delay = new EventLoopDelay()
  const { clock, intervals } = testClock()
  delay.start(clock)
  delay.start(clock)
  t.equal(intervals.length, 1)
  t.end()
})

t.test('is not affected by fake timers and a fake clock that are installed later', async t => {
  t.clock.enter()
  const delay = new EventLoopDelay()
  delay.start()
  t.clock.advance(60_000)
  t.equal(total(delay.counts), 0, 'the fake clock calls no timer')
  t.clock.exit()
  while (delay.counts.every(added => added === 0)) await new Promise(resolve => { setTimeout(resolve, 1) })
  t.ok(delay.sum < 60, 'the time of the fake clock is not counted as delay')
})

type Child = ChildProcessByStdio<null, Readable, null>

/** Runs a program with a started `delay`, and returns its output. */
async function run (program: string, act: (child: Child) => Promise<void> = async () => {}): Promise<string> {
  const module = new URL('../../lib/registry/event-loop-delay.js', import.meta.url).href
  const source = `
    const { EventLoopDelay } = await import(${JSON.stringify(module)})
    const delay = new EventLoopDelay()
    delay.start()
    ${program}
  `
  const args = [...process.execArgv, '--input-type=module', '--eval', source]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill('SIGKILL') })
  let written = ''
  child.stdout.on('data', chunk => { written += String(chunk) })
  const closed = once(child, 'close')
  await act(child)
  await closed
  return written
}

t.test('counts delayed samples for a full block, and does not keep the process running', async t => {
  const written = await run(`
    const start = performance.now()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
    const blocked = performance.now() - start
    const total = () => delay.counts.reduce((sum, added) => sum + added, 0)
    while (total() === 0) await new Promise(resolve => { setTimeout(resolve, 1) })
    console.log(JSON.stringify({ blocked, counts: delay.counts }))
  `)
  const { blocked, counts } = JSON.parse(written) as { blocked: number, counts: number[] }
  const late = total(counts.slice(1))
  t.ok(late >= (blocked - IDLE_INTERVAL - INTERVAL) / INTERVAL, `${late} samples of ${blocked} ms`)
})

const skip = process.platform === 'win32' && 'no signal suspends a process there'
t.test('counts delayed samples for the time in which the process was suspended', { skip }, async t => {
  const suspended = 400
  const written = await run(`
    const total = () => delay.counts.reduce((sum, added) => sum + added, 0)
    while (total() === 0) await new Promise(resolve => { setTimeout(resolve, 1) })
    console.log('samples')
    const late = () => delay.counts.slice(4).reduce((sum, added) => sum + added, 0)
    while (late() === 0) await new Promise(resolve => { setTimeout(resolve, 1) })
    console.log(late())
  `, async child => {
    await once(child.stdout, 'data')
    child.kill('SIGSTOP')
    await new Promise(resolve => { setTimeout(resolve, suspended) })
    child.kill('SIGCONT')
  })
  const late = Number(written.split('\n')[1])
  // The last 100 ms are in lower buckets, and the timer was due up to 100 ms after the signal.
  t.ok(late >= (suspended - 100 - IDLE_INTERVAL - INTERVAL) / INTERVAL, `${late} samples later than 100 ms`)
})
