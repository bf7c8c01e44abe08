import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { nodeFileSystem } from '../../lib/processes/file-system.js'
import type { FileSystem } from '../../lib/processes/file-system.js'
import { Membership } from '../../lib/processes/membership.js'
import type { MembershipOptions } from '../../lib/processes/membership.js'
import { describeThread } from '../../lib/processes/owner.js'
import { listSlots, ownsSlot, releaseSlot, takeSlot } from '../../lib/processes/slots.js'
import { localSystem } from '../../lib/processes/system.js'
import type { System } from '../../lib/processes/system.js'
import { ownerOf, systemError } from '../fixtures/processes/fake-system.js'
import { createCounter, mergeSlots } from '../fixtures/processes/slots.js'

const owner = ownerOf(describeThread())

function createMembership (directory: string, options: Partial<MembershipOptions> = {}): Membership {
  return new Membership({
    service: { directory, isDefault: false, record: null },
    owner,
    families: [createCounter({ a: 1 })],
    since: 1,
    inheritSamples: () => true,
    onProblem: problem => { throw problem },
    ...options
  })
}

t.test('takes a slot, and inherits the counts of the owner before', async t => {
  const directory = join(t.testdir({}), 'shared')
  for (let i = 1; i <= 3; i++) {
    const taken: unknown[] = []
    const membership = createMembership(directory, {
      inheritSamples ({ slot }) {
        taken.push(slot)
        return true
      }
    })
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

/** Leaves a free slot with 100 calls. */
function leaveSlot (directory: string): void {
  const membership = createMembership(directory, { families: [createCounter({ a: 100 })] })
  membership.ensureSlot()
  membership.writer!.write()
  membership.release()
}

/** A file system that cannot open files to read. */
const withoutDescriptors: FileSystem = {
  ...nodeFileSystem,
  openSync: (path, flags, mode) => {
    if (flags !== 'w') throw systemError('EMFILE')
    return nodeFileSystem.openSync(path, flags, mode)
  }
}

const slotsOf = (directory: string): ReadonlyArray<readonly [number, boolean]> =>
  listSlots(directory).map(({ slot, isOwned }) => [slot, isOwned])

t.test('leaves a slot whose counts cannot be read at present, and deletes nothing', async t => {
  const unreadable: Partial<MembershipOptions> = { inheritSamples: ({ slot }) => slot !== 0 }
  for (const [options, reasons] of [[{ fs: withoutDescriptors }, ['unreadable']], [unreadable, []]] as const) {
    const directory = join(t.testdir({}), 'shared')
    leaveSlot(directory)
    const problems: string[] = []
    const membership = createMembership(directory, { onProblem: ({ reason }) => { problems.push(reason) }, ...options })
    membership.ensureSlot()
    t.strictSame([...new Set(problems)], reasons)
    t.equal(membership.slot?.slot, 1)
    membership.writer!.write()
    t.strictSame(mergeSlots(directory, [0, 1]), { 'calls_total["a"]': [101] })
    t.strictSame(slotsOf(directory), [[0, false], [1, true]])
    const next = createMembership(directory)
    next.ensureSlot()
    t.equal(next.slot?.slot, 0, 'the next process inherits it')
    next.writer!.write()
    t.strictSame(mergeSlots(directory, [0, 1]), { 'calls_total["a"]': [102] })
    next.release()
    membership.release()
  }
})

t.test('releases a slot that it does not use as soon as that is possible', async t => {
  const directory = join(t.testdir({}), 'shared')
  leaveSlot(directory)
  let isFailing = true
  const system: System = {
    ...localSystem,
    link (from, to) {
      if (isFailing && to.endsWith('0.owner.4')) renameSync(directory, `${directory}-2`)
      localSystem.link(from, to)
    }
  }
  const membership = createMembership(directory, { system, inheritSamples: ({ slot }) => slot !== 0 })
  membership.ensureSlot()
  t.equal(membership.slot?.slot, 1)
  renameSync(`${directory}-2`, directory)
  t.strictSame(slotsOf(directory), [[0, true], [1, true]])
  isFailing = false
  membership.ensureSlot()
  t.equal(membership.slot?.slot, 1, 'it keeps the slot that it has')
  t.strictSame(slotsOf(directory), [[0, false], [1, true]])
})
