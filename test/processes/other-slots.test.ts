import * as nodeFs from 'node:fs'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { Membership } from '../../lib/processes/membership.js'
import { removeFromOtherSlots } from '../../lib/processes/other-slots.js'
import { describeThread } from '../../lib/processes/owner.js'
import { waitingRemovals } from '../../lib/processes/removal-files.js'
import { ServiceRemovals } from '../../lib/processes/service-removals.js'
import { readNames } from '../../lib/processes/slot-names.js'
import type { CounterFamily } from '../../lib/series/counter-family.js'
import { runToEnd } from '../../lib/util/run-to-end.js'
import { ownerOf, systemError } from '../fixtures/processes/fake-system.js'
import { createCounter, increase, MergedSlots, writeSlot } from '../fixtures/processes/slots.js'

/** What a process of a service consists of here. */
interface Process {
  readonly counter: CounterFamily
  readonly membership: Membership
  readonly removals: ServiceRemovals
  readonly errors: unknown[]
}

/** Starts a process that counts one call of each user, and writes it. */
function start (t: Test, directory: string, ...users: readonly string[]): Process {
  const counter = createCounter()
  for (const user of users) increase(counter, user)
  const errors: unknown[] = []
  const membership = new Membership({
    service: { directory, isDefault: false, record: null },
    owner: ownerOf(describeThread()),
    families: [counter],
    since: 1,
    inheritSamples: () => true,
    onProblem: problem => { errors.push(problem) }
  })
  membership.ensureSlot()
  membership.writer!.write()
  t.teardown(() => { membership.writer?.close() })
  const onError = (err: unknown): void => { errors.push(err) }
  const removals = new ServiceRemovals({ directory, membership: () => membership, onError })
  return { counter, membership, removals, errors }
}

/** The calls of each user in all slots. */
function calls (directory: string): Record<string, number> {
  const merged = new MergedSlots(directory, [...readNames(directory).slots.keys()])
  merged.read()
  return Object.fromEntries(Object.entries(merged.series).map(([key, [count]]) => [key.split('"')[1]!, count!]))
}

const removalFiles = (directory: string): string[] => readdirSync(directory).filter(name => name.includes('.removals.'))

t.test('a removal acts on the counts of all owners that have exited, and on no other series', async t => {
  const directory = join(t.testdir({}), 'shared')
  const owners = [start(t, directory, 'a', 'b'), start(t, directory, 'a', 'c'), start(t, directory, 'a')]
  for (const { membership } of owners) membership.release()
  const { removals, errors } = start(t, directory, 'd')
  t.strictSame(calls(directory), { a: 3, b: 1, c: 1, d: 1 })
  removals.removed('calls_total', ['a'])
  await removals.apply()
  t.strictSame(calls(directory), { b: 1, c: 1, d: 1 })
  const files = readdirSync(directory)
  removals.removed('calls_total', ['none'])
  await removals.apply()
  t.strictSame(readdirSync(directory), files, 'a slot without the series is left as it is')
  removals.reset('calls_total')
  await removals.apply()
  t.strictSame(calls(directory), { d: 1 }, 'what a process has counted itself is its own')
  t.strictSame(errors, [])
  start(t, directory, 'e')
  t.equal(readNames(directory).slots.size, 3, 'the slots are free again')
})

t.test('a removal acts on what other processes have inherited when these apply it', async t => {
  const directory = join(t.testdir({}), 'shared')
  const before = [start(t, directory, 'a', 'b'), start(t, directory, 'a', 'b')]
  for (const { membership } of before) membership.release()
  const [first, second, fresh] = [start(t, directory, 'a'), start(t, directory, 'a'), start(t, directory, 'a')]
  first.removals.removed('calls_total', ['a'])
  await first.removals.apply()
  t.strictSame(calls(directory), { a: 4, b: 2 })
  t.strictSame(removalFiles(directory).map(name => name.split('.')[0]), ['1'], 'none for one that inherited nothing')
  await fresh.removals.apply()
  await second.removals.apply()
  t.strictSame(calls(directory), { a: 3, b: 2 })
  t.strictSame(removalFiles(directory), [])
  second.removals.reset('calls_total')
  second.removals.applyNow()
  first.removals.applyNow()
  t.strictSame(calls(directory), { a: 3 })
  for (const { errors } of [first, second, fresh]) t.strictSame(errors, [])
})

t.test('what an owner has not applied when it exits, the next owner applies', async t => {
  const directory = join(t.testdir({}), 'shared')
  start(t, directory, 'a', 'b').membership.release()
  const [owner, other] = [start(t, directory), start(t, directory)]
  other.removals.removed('calls_total', ['a'])
  await other.removals.apply()
  owner.membership.release()
  t.equal(removalFiles(directory).length, 1)
  start(t, directory, 'c')
  t.strictSame(calls(directory), { b: 1, c: 1 })
  t.strictSame(removalFiles(directory), [])
})

t.test('removals for an owner before the last one are not applied to the counts of the last one', async t => {
  const directory = join(t.testdir({}), 'shared')
  const owner = start(t, directory, 'a')
  owner.membership.release()
  const next = start(t, directory, 'a')
  writeFileSync(join(directory, '0.removals.1.1'), '[["calls_total",null]]')
  next.membership.release()
  start(t, directory, 'a')
  t.strictSame(calls(directory), { a: 3 })
})

t.test('removals act on a slot that another process takes at any moment', async t => {
  const directories = t.testdir()
  let repeated = 0
  for (let at = 0, isDone = false; !isDone; at++) {
    const directory = join(directories, `${at}`)
    const users = Array.from({ length: 100 }, (_, i) => `user-${i}`)
    start(t, directory, 'a', ...users).membership.release()
    const removing = start(t, directory)
    const free = start(t, directory, 'a', ...users)
    free.membership.release()
    const removals = [{ metric: 'calls_total', labels: ['a'] }]
    const remove = (): Generator<void, boolean> =>
      removeFromOtherSlots({ fs: nodeFs, directory }, removing.membership.slot!, removals)
    const steps = remove()
    for (let i = 0; i < at && !isDone; i++) isDone = steps.next().done === true
    const other = start(t, directory)
    if (!isDone && !runToEnd(steps)) {
      repeated++
      runToEnd(remove())
    }
    await removing.removals.apply()
    await other.removals.apply()
    const { a, ...others } = calls(directory)
    t.equal(a, 1, `${at}: only what the process with the slot 0 has inherited`)
    t.equal(Object.keys(others).length, 100)
    t.strictSame(removalFiles(directory), [])
  }
  t.ok(repeated > 1, `${repeated} times the slot was taken meanwhile`)
})

t.test('removals for an owner that is blocked become one file', async t => {
  const directory = join(t.testdir({}), 'shared')
  start(t, directory, ...Array.from({ length: 30 }, (_, i) => `${i}`)).membership.release()
  const [owner, other] = [start(t, directory), start(t, directory)]
  let most = 0
  for (let i = 0; i < 29; i++) {
    other.removals.removed('calls_total', [`${i}`])
    await other.removals.apply()
    most = Math.max(most, removalFiles(directory).length)
  }
  t.equal(most, 8)
  await owner.removals.apply()
  t.strictSame(calls(directory), { 29: 1 })

  const many = (of: string): void => {
    for (let i = 0; i < 9000; i++) other.removals.removed('calls_total', [`${of}-${i}`])
  }
  for (let i = 0; i < 8; i++) {
    many('a')
    await other.removals.apply()
  }
  t.strictSame(other.errors, [])
  many('b')
  await other.removals.apply()
  t.match(other.errors, [{ reason: 'too_large' }])
})

t.test('removals that are too long are reported', async t => {
  const directory = join(t.testdir({}), 'shared')
  start(t, directory, 'a').membership.release()
  start(t, directory)
  const other = start(t, directory)
  for (let i = 0; i < 10; i++) other.removals.removed('calls_total', [`${i}`.repeat(500_000)])
  await other.removals.apply()
  t.match(other.errors, [{ reason: 'too_large' }])
})

t.test('files that are no removals are reported once, and deleted', async t => {
  const directory = join(t.testdir({}), 'shared')
  start(t, directory, 'a').membership.release()
  const { removals, errors } = start(t, directory)
  const texts = [
    '', 'x', '{}', 'null', '[1]', '[["a"]]', '[[1,null]]', '[["a","b"]]', '[["a",[1]]]', '[["a",null,1]]',
    JSON.stringify(Array(10_001).fill(['a', null])), ' '.repeat(2 ** 22 + 1)
  ]
  for (const [i, text] of texts.entries()) writeFileSync(join(directory, `0.removals.3.${i}`), text)
  mkdirSync(join(directory, '0.removals.3.99'))
  await removals.apply()
  t.equal(errors.length, texts.length + 1)
  t.strictSame(removalFiles(directory), ['0.removals.3.99'], 'but for a directory')
  t.strictSame(calls(directory), { a: 1 })
})

t.test('removals that cannot be read at present are applied later', async t => {
  const directory = join(t.testdir({}), 'shared')
  start(t, directory, 'a').membership.release()
  const [owner, other] = [start(t, directory), start(t, directory)]
  other.removals.removed('calls_total', ['a'])
  await other.removals.apply()
  const failing = new Set(['openSync', 'readdirSync'])
  const fs = new Proxy(nodeFs, {
    get: (_, name) => failing.has(String(name))
      ? () => { throw systemError('EMFILE') }
      : Reflect.get(nodeFs, name) as unknown
  })
  const errors: unknown[] = []
  const { membership } = owner
  const onError = (err: unknown): void => { errors.push(err) }
  const removals = new ServiceRemovals({ directory, membership: () => membership, fs, onError })
  await removals.apply()
  failing.delete('readdirSync')
  await removals.apply()
  removals.applyNow()
  t.match(errors, [{ code: 'EMFILE' }, { code: 'EMFILE' }, { code: 'EMFILE' }])
  failing.clear()
  await removals.apply()
  t.strictSame(calls(directory), {})
})

t.test('a free slot that cannot be read keeps its counts', async t => {
  const directory = join(t.testdir({}), 'shared')
  const before = [start(t, directory), start(t, directory, 'a')]
  for (const { membership } of before) membership.release()
  const { removals, errors } = start(t, directory)
  const base = join(directory, '1.base.1')
  const bytes = readFileSync(base)
  writeFileSync(base, 'x')
  removals.removed('calls_total', ['a'])
  await removals.apply()
  t.match(errors, [{ reason: 'truncated' }])
  writeFileSync(base, bytes)
  t.strictSame(calls(directory), { a: 1 })
  await removals.apply()
  t.strictSame(calls(directory), {})
})

t.test('removals act on a slot without a file of its owner', async t => {
  const directory = join(t.testdir({}), 'shared')
  const { removals } = start(t, directory)
  writeSlot({ directory, slot: 1, families: [createCounter({ a: 1, b: 1 })] }).close()
  removals.removed('unknown_total', ['a'])
  removals.removed('calls_total', ['a'])
  await removals.apply()
  t.strictSame(calls(directory), { b: 1 })
})

t.test('a free slot whose owner removed the series before it exited keeps the others', async t => {
  const directory = join(t.testdir({}), 'shared')
  const { membership } = start(t, directory)
  const slot = { directory, slot: 1 }
  const before = writeSlot({ ...slot, families: [createCounter({ a: 1, b: 1 })] })
  let lists = 0
  const readdirSync: typeof nodeFs.readdirSync = ((path: string) => {
    // The second list is that of the new owner.
    if (++lists === 2) writeSlot({ ...slot, families: [createCounter({ b: 2 })] }).close()
    return nodeFs.readdirSync(path)
  }) as never
  before.close()
  const removals = [{ metric: 'calls_total', labels: ['a'] }]
  const access = { directory, fs: { ...nodeFs, readdirSync } }
  t.equal(runToEnd(removeFromOtherSlots(access, membership.slot!, removals)), true)
  t.ok(lists > 1)
  t.strictSame(calls(directory), { b: 2 })
})

t.test('a slot whose files were removed meanwhile is looked at again', async t => {
  const directory = join(t.testdir({}), 'shared')
  const [{ membership }] = [start(t, directory), start(t, directory, 'a')]
  const fs = { ...nodeFs, renameSync () {} } // so that the removals are deleted, too
  const steps = removeFromOtherSlots({ directory, fs }, membership.slot!, [{ metric: 'calls_total', labels: ['a'] }])
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) {
    for (const name of readdirSync(directory)) if (name.startsWith('1.')) rmSync(join(directory, name))
  }
  t.equal(step.value, false)
})

t.test('a file with removals that its owner has just applied is ignored', async t => {
  const directory = join(t.testdir({}), 'shared')
  const { membership } = start(t, directory)
  const readdirSync = () => ['0.removals.1.1']
  const { slot, generation } = membership.slot!
  const access = { directory, fs: { ...nodeFs, readdirSync: readdirSync as never } }
  t.match(waitingRemovals(access, slot, generation), { removals: [], problems: [] })
})
