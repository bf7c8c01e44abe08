import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { describeThread } from '../../lib/processes/owner.js'
import { ServiceRemovals } from '../../lib/processes/service-removals.js'
import type { SlotWriter } from '../../lib/processes/slot-writer.js'
import { takeSlot } from '../../lib/processes/slots.js'
import { ownerOf } from '../fixtures/processes/fake-system.js'
import { createCounter, mergeSlots, writeSlot } from '../fixtures/processes/slots.js'

interface Removing {
  readonly removals: ServiceRemovals
  /** What writes to the slot; tests replace it. */
  readonly current: { writer: SlotWriter | null }
  /** The users that are still counted. */
  readonly users: () => string[]
  readonly errors: unknown[]
  readonly directory: string
}

/** A slot that has inherited a call of each user. */
function setUp (t: Test, users: readonly string[]): Removing {
  const directory = t.testdir()
  const slot = takeSlot(directory, ownerOf(describeThread()))
  const counter = createCounter(Object.fromEntries(users.map(user => [user, 1])))
  const writer = writeSlot({ directory, inherited: [{ family: counter, since: 1 }] })
  t.teardown(() => { writer.close() })
  const current: Removing['current'] = { writer }
  const errors: unknown[] = []
  return {
    removals: new ServiceRemovals({
      directory, membership: () => ({ slot, writer: current.writer }), onError: err => { errors.push(err) }
    }),
    current,
    users: () => Object.keys(mergeSlots(directory, [0])).map(key => key.split('"')[1]!).sort(),
    errors,
    directory
  }
}

/** So many users that their removal takes longer than a slice. */
const MANY = Array.from({ length: 5000 }, (_, i) => `user-${i}`)

/** Settles after the first slice of removals that have just begun to be applied. */
async function firstSlice (): Promise<void> {
  for (let i = 0; i < 3; i++) await Promise.resolve()
}

t.test('a call of the application changes no file; all removals up to now are applied together', async t => {
  const { removals, users } = setUp(t, ['a', 'b', 'c'])
  removals.removed('calls_total', ['a'])
  removals.removed('calls_total', ['b'])
  t.strictSame(users(), ['a', 'b', 'c'])
  await removals.apply()
  t.strictSame(users(), ['c'])
  removals.reset('calls_total')
  await removals.apply()
  t.strictSame(users(), [])
  await removals.apply()
})

t.test('what is removed while others are applied is applied as well', async t => {
  const { removals, users } = setUp(t, MANY)
  for (const user of MANY.slice(2)) removals.removed('calls_total', [user])
  const first = removals.apply()
  await firstSlice()
  removals.removed('calls_total', [MANY[1]!])
  await Promise.all([first, removals.apply(), removals.apply()])
  t.strictSame(users(), MANY.slice(0, 1))
})

t.test('a process that ends applies all removals without a pause, also those in progress', async t => {
  const { removals, users, errors } = setUp(t, MANY)
  for (const user of MANY.slice(1)) removals.removed('calls_total', [user])
  const inProgress = removals.apply()
  await firstSlice()
  t.strictSame(users(), [...MANY].sort(), 'it is in progress')
  removals.applyNow()
  t.strictSame(users(), MANY.slice(0, 1))
  await inProgress
  removals.applyNow()
  t.strictSame(errors, [])
})

t.test('waits for a slot, and does not write to one that was lost meanwhile', async t => {
  const { removals, current, users } = setUp(t, ['a', 'b'])
  const { writer } = current
  removals.removed('calls_total', ['a'])
  current.writer = null
  await removals.apply()
  current.writer = writer
  t.strictSame(users(), ['a', 'b'])
  const written = writer!.removeInherited.bind(writer)
  writer!.removeInherited = function * (removals) {
    const write = yield * written(removals)
    current.writer = null
    return write
  }
  await removals.apply()
  current.writer = writer
  t.strictSame(users(), ['a', 'b'])
  writer!.removeInherited = written
  await removals.apply()
  t.strictSame(users(), ['b'])
})

t.test('removals that fail are reported, and tried again a limited number of times', async t => {
  const { removals, errors, directory } = setUp(t, ['a'])
  writeFileSync(join(directory, '0.base.1'), 'x')
  removals.removed('calls_total', ['a'])
  for (let i = 1; i <= 12; i++) await removals.apply()
  t.equal(errors.length, 10)
  removals.removed('calls_total', ['a'])
  removals.applyNow()
  t.equal(errors.length, 11)
})

t.test('too many removals are reported', async t => {
  const { removals, errors } = setUp(t, ['a'])
  for (let i = 0; i < 10_001; i++) removals.removed('calls_total', [`${i}`])
  t.match(errors, [{ reason: 'too_large' }])
})
