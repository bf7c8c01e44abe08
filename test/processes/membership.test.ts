import { linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Membership } from '../../lib/processes/membership.js'
import type { MembershipOptions } from '../../lib/processes/membership.js'
import { describeThread } from '../../lib/processes/owner.js'
import { ownsSlot, releaseSlot, takeSlot } from '../../lib/processes/slots.js'
import { localSystem } from '../../lib/processes/system.js'
import type { System } from '../../lib/processes/system.js'
import { ownerOf } from '../fixtures/processes/fake-system.js'
import { createCounter, mergeSlots } from '../fixtures/processes/slots.js'

const owner = ownerOf(describeThread())

function createMembership (directory: string, options: Partial<MembershipOptions> = {}): Membership {
  return new Membership({
    service: { directory, isDefault: false, record: null },
    owner,
    families: [createCounter({ a: 1 })],
    since: 1,
    onSlot () {},
    onProblem: problem => { throw problem },
    ...options
  })
}

t.test('takes a slot, and inherits the counts of the owner before', async t => {
  const directory = join(t.testdir({}), 'shared')
  for (let i = 1; i <= 3; i++) {
    const taken: unknown[] = []
    const membership = createMembership(directory, { onSlot: ({ slot }) => { taken.push(slot) } })
    t.equal(membership.slot, null)
    membership.ensureSlot()
    membership.ensureSlot()
    t.strictSame(taken, [0])
    t.match(membership.slot, { slot: 0, generation: 2 * i - 1 })
    membership.writer?.write()
    t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [i] })
    membership.release()
    t.equal(membership.slot, null)
    t.equal(membership.writer, null)
  }
  createMembership(directory).release()
})

t.test('takes another slot if it has lost its own', async t => {
  const directory = join(t.testdir({}), 'shared')
  const membership = createMembership(directory)
  membership.ensureSlot()
  const { slot } = membership
  releaseSlot(directory, slot!)
  const other = takeSlot(directory, owner)
  membership.ensureSlot()
  t.match(membership.slot, { slot: 1, generation: 1 })
  t.ok(ownsSlot(directory, other))
  rmSync(directory, { recursive: true })
  membership.ensureSlot()
  t.match(membership.slot, { slot: 0, generation: 1 })
})

t.test('reports counts that cannot be inherited', async t => {
  const directory = join(t.testdir({}), 'shared')
  mkdirSync(directory, { mode: 0o700 })
  writeFileSync(join(directory, '0.base.1'), 'forged'.repeat(100))
  const problems: unknown[] = []
  const membership = createMembership(directory, { onProblem: ({ reason }) => { problems.push(reason) } })
  membership.ensureSlot()
  t.strictSame(problems, ['foreign'])
  t.match(membership.slot, { slot: 0 })
})

t.test('tries again if another process removes the directory at the same time, but not without end', async t => {
  const directory = join(t.testdir({}), 'shared')
  /** Removes the directory so often before a slot is taken. */
  const removing = (times: number): System => ({
    ...localSystem,
    link (from, to) {
      if (times-- > 0) rmSync(directory, { recursive: true })
      linkSync(from, to)
    }
  })
  const membership = createMembership(directory, { system: removing(4) })
  membership.ensureSlot()
  t.strictSame(readdirSync(directory), ['0.owner.1'])
  const unlucky = createMembership(directory, { system: removing(Infinity) })
  t.throws(() => { unlucky.ensureSlot() }, { code: 'ENOENT' })
  t.equal(unlucky.slot, null)
})
