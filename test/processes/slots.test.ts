import { linkSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Owner } from '../../lib/processes/owner.js'
import { listSlots, ownsSlot, releaseSlot, takeSlot } from '../../lib/processes/slots.js'
import { localSystem } from '../../lib/processes/system.js'
import { temporaryName } from '../../lib/processes/temporary-name.js'
import { fakeLinux, ownerOf, systemError, threadOf } from '../fixtures/processes/fake-system.js'

/** Processes 1 to 9 run. */
const system = fakeLinux([1, 2, 3, 4, 5, 6, 7, 8, 9])
const running = (pid: number): Owner => ownerOf(threadOf(pid))
const ended = ownerOf(threadOf(404))
const RUNNING = JSON.stringify(running(9))
const ENDED = JSON.stringify(ended)

const MINUTE = 60_000

function setAge (path: string, milliseconds: number): void {
  const time = (Date.now() - milliseconds) / 1000
  utimesSync(path, time, time)
}

const emptyFiles = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, '']))

/** The slots in short: number, generation, whether it is owned. */
const shortList = (directory: string): ReadonlyArray<readonly [number, number, boolean]> =>
  listSlots(directory, system).map(({ slot, generation, isOwned }) => [slot, generation, isOwned])

t.test('takes a different slot for each thread', async t => {
  const directory = t.testdir({})
  for (const pid of [1, 2, 3]) {
    t.strictSame(takeSlot(directory, running(pid), system), { slot: pid - 1, generation: 1, owner: running(pid) })
  }
  t.strictSame(readdirSync(directory).sort(), ['0.owner.1', '1.owner.1', '2.owner.1'])
  t.strictSame(listSlots(directory, system).map(({ owner }) => owner), [1, 2, 3].map(running))
})

t.test('takes over the lowest slot of a thread that has ended, and deletes lower owner files', async t => {
  const directory = t.testdir({
    '0.owner.1': RUNNING,
    '1.owner.3': ENDED,
    '1.owner.4': ENDED,
    '1.base.4': '',
    '1.values.4.1.0': '',
    '3.owner.1': ENDED
  })
  t.strictSame(takeSlot(directory, running(1), system), { slot: 1, generation: 5, owner: running(1) })
  t.strictSame(readdirSync(directory).sort(), ['0.owner.1', '1.base.4', '1.owner.5', '1.values.4.1.0', '3.owner.1'])
  t.match(takeSlot(directory, running(2), system), { slot: 3, generation: 2 })
  t.match(takeSlot(directory, running(3), system), { slot: 2, generation: 1 }, 'the lowest number without a slot')
  t.match(takeSlot(directory, running(4), system), { slot: 4, generation: 1 })
})

t.test('releases a slot, which the next owner inherits', async t => {
  const directory = t.testdir({ '0.base.1': '' })
  const slot = takeSlot(directory, running(1), system)
  t.match(slot, { slot: 0, generation: 2 })
  t.ok(ownsSlot(directory, slot))
  releaseSlot(directory, slot, system)
  t.notOk(ownsSlot(directory, slot))
  t.strictSame(readdirSync(directory).sort(), ['0.base.1', '0.owner.3'])
  t.match(listSlots(directory, system), [{ generation: 3, isOwned: false, owner: { pid: 1, isReleased: true } }])
  const next = takeSlot(directory, running(1), system)
  t.match(next, { slot: 0, generation: 4 }, 'also the same thread')
  releaseSlot(directory, slot, system)
  t.ok(ownsSlot(directory, next), 'a slot is released once')
  t.strictSame(shortList(directory), [[0, 4, true]])
})

t.test('releases no slot of another process in a new directory', async t => {
  const directory = t.testdir({})
  const slot = takeSlot(directory, running(1), system)
  rmSync(join(directory, '0.owner.1'))
  const other = takeSlot(directory, running(2), system)
  t.match(other, { slot: 0, generation: 1 })
  releaseSlot(directory, slot, system)
  t.ok(ownsSlot(directory, other))
  t.strictSame(shortList(directory), [[0, 1, true]])
})

t.test('notices that a slot no longer belongs to its owner', async t => {
  const directory = t.testdir({})
  const slot = takeSlot(directory, running(1), system)
  const path = join(directory, '0.owner.1')
  const text = readFileSync(path, 'utf8')
  t.ok(ownsSlot(directory, slot))
  const changed = [['"started":1', '"started":2'], ['boot-1', 'boot-2'], ['false', 'true']] as const
  for (const other of [RUNNING, ...changed.map(([from, to]) => text.replace(from, to))]) {
    t.not(other, text)
    writeFileSync(path, other)
    t.notOk(ownsSlot(directory, slot), other)
  }
  for (const unreadable of ['', '{}', text]) {
    writeFileSync(path, unreadable)
    t.ok(ownsSlot(directory, slot), 'no other process takes it')
  }
  writeFileSync(join(directory, '1.owner.1'), '')
  rmSync(path)
  t.notOk(ownsSlot(directory, slot))
  t.notOk(ownsSlot(join(directory, '1.owner.1'), slot), 'the directory is a file')
  t.ok(ownsSlot(join(directory, 'x'.repeat(300)), slot), 'the file cannot be read')
})

t.test('lists the files of a slot by kind, up to the generation of its owner', async t => {
  const directory = t.testdir({
    '0.owner.2': RUNNING,
    ...emptyFiles('0.base.2', '0.labels.2.1', '0.values.2.1.0', '0.values.2.1.1', '0.samples.2'),
    ...emptyFiles('0.base.3', '0.values.3.1.0', '0.samples.1', '1.base.7', '1.labels.8.1')
  })
  const [first, second] = listSlots(directory, system)
  const names = Object.entries(first?.files ?? {}).map(([kind, files]) => [kind, files.map(({ name }) => name)])
  t.strictSame(Object.fromEntries(names), {
    owner: ['0.owner.2'],
    base: ['0.base.2'],
    labels: ['0.labels.2.1'],
    values: ['0.values.2.1.0', '0.values.2.1.1'],
    samples: ['0.samples.1', '0.samples.2'],
    carried: [],
    port: [],
    removals: []
  })
  t.match(second, { slot: 1, generation: 8, owner: undefined, isOwned: false }, 'free, since its owner file is missing')
  t.match(takeSlot(directory, running(1), system), { slot: 1, generation: 9 })
})

t.test('counts an owner that its file does not name as running', async t => {
  const link = t.fixture('symlink', 'target')
  const unreadable = {
    '0.owner.1': '', '1.owner.1': '{"pid":', '2.owner.1': '{}', '3.owner.1': {}, '5.owner.1': RUNNING.padEnd(5000)
  }
  const links = process.platform === 'win32' ? {} : { '4.owner.1': link }
  const directory = t.testdir({ target: ENDED, ...unreadable, ...links })
  for (const slot of listSlots(directory, system)) t.match(slot, { isOwned: true, owner: undefined }, String(slot.slot))
  t.match(takeSlot(directory, running(1), system), { slot: process.platform === 'win32' ? 4 : 6, generation: 1 })

  t.comment('unless the file is older than the boot')
  const later = { ...system, uptime: () => 2 * MINUTE }
  for (const name of Object.keys(unreadable)) setAge(join(directory, name), MINUTE)
  t.ok(listSlots(directory, later).every(({ isOwned }) => isOwned))
  setAge(join(directory, '2.owner.1'), 3 * MINUTE)
  t.match(takeSlot(directory, running(2), later), { slot: 2, generation: 2 })
})

t.test('uses what is valid in a forged owner file', async t => {
  const directory = t.testdir({
    '0.owner.1': '{"pid":404,"thread":"x"}',
    '1.owner.1': '{"pid":7}',
    '2.owner.1': JSON.stringify({ ...running(7), started: 6 }),
    '3.owner.1': JSON.stringify({ ...running(7), boot: 'boot-2' }),
    '4.owner.1': JSON.stringify({ ...running(7), boot: 7, namespace: [] }),
    '5.owner.1': JSON.stringify({ ...running(7), thread: -1, started: 6 })
  })
  t.strictSame(shortList(directory).map(([, , isOwned]) => isOwned), [false, true, false, true, true, true])
})

t.test('an owner in another pid namespace or on another machine counts as running while it writes', async t => {
  for (const elsewhere of [{ namespace: 'pid:[2]' }, { boot: 'boot-2' }]) {
    for (const [interval, silence] of [[1000, 1], [null, 1], [5 * MINUTE, 15]] as const) {
      const other = JSON.stringify(ownerOf({ ...threadOf(404), ...elsewhere }, { interval }))
      const directory = t.testdir({ '0.owner.1': other, '0.values.1.1.0': '', '0.values.1.1.1': '' })
      const isOwned = (): unknown => listSlots(directory, system)[0]?.isOwned
      t.equal(isOwned(), true)
      setAge(join(directory, '0.owner.1'), (silence + 1) * MINUTE)
      setAge(join(directory, '0.values.1.1.0'), (silence + 1) * MINUTE)
      t.equal(isOwned(), true)
      setAge(join(directory, '0.values.1.1.1'), (silence - 0.5) * MINUTE)
      t.equal(isOwned(), true)
      setAge(join(directory, '0.values.1.1.1'), (silence + 1) * MINUTE)
      t.equal(isOwned(), false)
      setAge(join(directory, '0.owner.1'), 0)
      t.equal(isOwned(), true, 'it has just taken the slot')
    }
  }
})

t.test('without the id of the boot, an owner that has not written since it counts as ended', async t => {
  const owner = JSON.stringify(ownerOf({ ...threadOf(7), thread: null, started: null, boot: null }))
  const directory = t.testdir({ '0.owner.1': owner, '0.values.1.1.0': '' })
  const isOwned = (): unknown => listSlots(directory, { ...system, uptime: () => 2 * MINUTE })[0]?.isOwned
  setAge(join(directory, '0.owner.1'), 3 * MINUTE)
  t.equal(isOwned(), true)
  setAge(join(directory, '0.values.1.1.0'), 3 * MINUTE)
  t.equal(isOwned(), false, 'another process has its pid')
})

/** This system, with an action just before each link is created. */
function beforeLink (action: (path: string) => void): typeof system {
  return {
    ...system,
    link (from, to) {
      action(to)
      linkSync(from, to)
    }
  }
}

t.test('leaves a slot to a thread that was faster', async t => {
  const directory = t.testdir({ '0.owner.1': ENDED, '1.owner.1': ENDED })
  const rival = beforeLink(path => { if (path.endsWith('0.owner.2')) writeFileSync(path, RUNNING) })
  t.match(takeSlot(directory, running(1), rival), { slot: 1, generation: 2 })
  t.strictSame(shortList(directory), [[0, 2, true], [1, 2, true]])

  t.comment('and so with a new slot')
  const rival2 = beforeLink(path => { if (path.endsWith('2.owner.1')) writeFileSync(path, RUNNING) })
  t.match(takeSlot(directory, running(2), rival2), { slot: 3, generation: 1 })
})

t.test('leaves a slot that was taken several times since it was seen', async t => {
  const directory = t.testdir({ '0.owner.1': ENDED })
  const rivals = beforeLink(path => {
    if (!path.endsWith('0.owner.2')) return
    writeFileSync(join(directory, '0.owner.3'), RUNNING)
    rmSync(join(directory, '0.owner.1'))
  })
  t.match(takeSlot(directory, running(1), rivals), { slot: 1, generation: 1 })
  t.strictSame(readdirSync(directory).sort(), ['0.owner.2', '0.owner.3', '1.owner.1'], 'it deletes nothing')
  t.strictSame(shortList(directory), [[0, 3, true], [1, 1, true]])
  t.match(listSlots(directory, system)[0]?.owner, { pid: 9 })
})

t.test('leaves a slot if the generation that it saw is deleted, even if it sees no higher one', async t => {
  const directory = t.testdir({ '0.owner.1': ENDED })
  const rival = beforeLink(() => { rmSync(join(directory, '0.owner.1'), { force: true }) })
  t.match(takeSlot(directory, running(1), rival), { slot: 1, generation: 1 })
})

t.test('leaves a slot whose owner file vanishes while it is listed', async t => {
  const directory = t.testdir({ '0.owner.1': ENDED })
  const vanishing = (name: string): typeof system => ({
    ...system,
    link (from, to) {
      linkSync(from, to)
      if (to.endsWith(name)) rmSync(to)
    }
  })
  t.match(takeSlot(directory, running(1), vanishing('0.owner.2')), { slot: 1, generation: 1 })
  t.match(takeSlot(directory, running(2), vanishing('2.owner.1')), { slot: 0, generation: 2 })
  t.match(takeSlot(directory, running(3), vanishing('2.owner.1')), { slot: 3, generation: 1 })
})

t.test('takes and releases slots without hard links', async t => {
  const directory = t.testdir({ '0.owner.1': ENDED })
  const noLinks = { ...system, link () { throw systemError('EPERM') } }
  const slot = takeSlot(directory, running(1), noLinks)
  t.match(slot, { slot: 0, generation: 2 })
  t.match(takeSlot(directory, running(2), noLinks), { slot: 1, generation: 1 })
  t.ok(ownsSlot(directory, slot))
  releaseSlot(directory, slot, noLinks)
  t.match(takeSlot(directory, running(3), noLinks), { slot: 0, generation: 4 })
  t.strictSame(readdirSync(directory).sort(), ['0.owner.4', '1.owner.1'])
})

t.test('deletes temporary files of processes that were killed, after 10 minutes', async t => {
  const old = [temporaryName('owner'), temporaryName('service'), temporaryName('owner')] as const
  const recent = temporaryName('owner')
  const directory = t.testdir({
    ...emptyFiles(old[0], old[1], recent, 'notes.temporary'), [old[2]]: { owner: ENDED }
  })
  for (const name of readdirSync(directory)) setAge(join(directory, name), 11 * MINUTE)
  setAge(join(directory, recent), 9 * MINUTE)
  takeSlot(directory, running(1), system)
  t.strictSame(readdirSync(directory).sort(), ['0.owner.1', 'notes.temporary', recent].sort())
})

t.test('takes a slot after a process was killed while it took one', async t => {
  const states: ReadonlyArray<readonly [name: string, files: Record<string, string>, generation: number]> = [
    ['before the link', { '0.owner.1': ENDED, [temporaryName('owner')]: ENDED }, 2],
    ['after the link', { '0.owner.1': ENDED, '0.owner.2': ENDED, [temporaryName('owner')]: ENDED }, 3],
    ['while it deleted lower ones', { '0.owner.2': ENDED, '0.owner.3': ENDED }, 4],
    ['before the new base', { '0.owner.3': ENDED, '0.base.2': '', '0.values.2.1.0': '' }, 4]
  ]
  for (const [name, files, generation] of states) {
    const directory = t.testdir(files)
    t.match(takeSlot(directory, running(1), system), { slot: 0, generation }, name)
    t.match(readdirSync(directory).filter(name => name.includes('0.owner')), [`0.owner.${generation}`])
  }
})

t.test('does not use a slot at the highest generation', async t => {
  const directory = t.testdir({ '0.owner.999999999999': ENDED, '1.owner.999999999998': ENDED })
  t.match(takeSlot(directory, running(1), system), { slot: 1, generation: 999_999_999_999 })
  t.match(takeSlot(directory, running(2), system), { slot: 2, generation: 1 })
})

t.test('throws if each slot has an owner', async t => {
  const directory = t.testdir({})
  for (let slot = 0; slot < 1024; slot++) writeFileSync(join(directory, `${slot}.owner.1`), RUNNING)
  t.throws(() => takeSlot(directory, running(1), system), {
    code: 'DYNOAI_METRICS_ERR_DIRECTORY',
    message: 'must have a free slot, of 1024. Received: a directory with an owner for each'
  })
  t.equal(readdirSync(directory).length, 1024)
})

t.test('throws what the file system throws, and leaves no temporary file', async t => {
  const directory = t.testdir({})
  t.throws(() => takeSlot(join(directory, 'none'), running(1), system), { code: 'ENOENT' })
  const failing = { ...system, link () { rmSync(directory, { recursive: true }); throw systemError('ENOSPC') } }
  t.throws(() => takeSlot(directory, running(1), failing), { code: 'ENOENT' })
})

t.test('works with this system', async t => {
  const directory = t.testdir({})
  const { describeThread } = await import('../../lib/processes/owner.js')
  const owner = ownerOf(describeThread())
  const slot = takeSlot(directory, owner)
  t.match(listSlots(directory), [{ slot: 0, generation: 1, isOwned: true, owner }])
  t.match(takeSlot(directory, owner), { slot: 1 })
  releaseSlot(directory, slot)
  t.match(listSlots(directory), [{ slot: 0, generation: 2, isOwned: false }, { slot: 1, isOwned: true }])
  t.ok(localSystem.uptime() > 0)
  t.type(localSystem.parentPid(), 'number')
})
