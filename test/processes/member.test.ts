import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Registry } from 'prom-client'
import t from 'tap'
import type { Test } from 'tap'
import { Member } from '../../lib/processes/member.js'
import type { MemberOptions } from '../../lib/processes/member.js'
import { Problems } from '../../lib/processes/problems.js'
import { listSlots } from '../../lib/processes/slots.js'
import { familyMetric } from '../../lib/registry/family-metric.js'
import { join as joinMetrics } from '../../lib/registry/join.js'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import type { CounterFamily } from '../../lib/series/counter-family.js'
import { FaultyFileSystem } from '../fixtures/processes/fault.js'
import { createFolder } from '../fixtures/processes/folder.js'
import { byUser, datedFamily } from '../fixtures/processes/sampled-families.js'
import { createCounter, increase, mergeSlots } from '../fixtures/processes/slots.js'

interface Setup {
  readonly member: Member
  readonly family: CounterFamily
  readonly directory: string
  readonly reported: string[]
}

/** Tests that have a folder. One that existed before may be left of a run that was killed. */
const folders = new WeakSet<Test>()

function createMember (t: Test, options: Partial<MemberOptions> = {}): Setup {
  const directory = join(t.testdirName, 'shared')
  if (!folders.has(t)) createFolder(t)
  folders.add(t)
  const reported: string[] = []
  const problems = Object.assign(new Problems(new MetricErrors('', { warn () {} } as never)), {
    report (kind: string, err: unknown) { reported.push(`${kind}: ${(err as NodeJS.ErrnoException).code}`) }
  })
  const registry = new Registry()
  const family = createCounter({ a: 1 })
  joinMetrics(registry, [familyMetric(family)])
  const member = new Member({
    service: { directory, isDefault: false, record: null },
    interval: 1000,
    registry,
    isRuntime: () => false,
    collect: async () => ({ metrics: [], defaultLabels: {} }),
    collectSums: async () => ({ metrics: [], defaultLabels: {} }),
    problems,
    address: () => null,
    ...options
  })
  t.teardown(() => { member.end() })
  return { member, family, directory, reported }
}

t.test('writes at each update, and the last counts when it is closed', async t => {
  const { member, family, directory, reported } = createMember(t)
  member.update()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [1] })
  increase(family, 'a')
  member.update()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [2] })
  increase(family, 'a')
  member.end()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [3] })
  increase(family, 'a')
  member.update()
  member.write()
  t.equal(member.findSlot(), null)
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [3] })
  t.strictSame(reported, [])
})

const FAULTS = [
  { kind: 'error', code: 'ENOSPC' }, { kind: 'error', code: 'EROFS' }, { kind: 'short', share: 0.5 }
] as const

for (const fault of FAULTS) {
  t.test(`goes on if writing fails with ${'code' in fault ? fault.code : 'a short write'}`, async t => {
    const { fs } = new FaultyFileSystem(0, fault)
    const { member, reported, directory } = createMember(t, { fs })
    for (let i = 0; i < 3; i++) member.update()
    t.match(member.findSlot(), { slot: 0, generation: 1 })
    const expected = 'code' in fault ? fault.code : 'ENOSPC'
    t.ok(reported.length >= 3, `${reported.length}`)
    t.strictSame([...new Set(reported)], [`write: ${expected}`])
    t.strictSame(readdirSync(directory), ['0.owner.1'])
  })
}

t.test('applies removals to what it has inherited before a scrape, and when it is closed', async t => {
  const before = createMember(t)
  before.member.update()
  before.member.end()
  const { member, family, directory, reported } = createMember(t)
  member.update()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [2] })
  family.removeSeries(['a'])
  await member.applyRemovals()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [1] }, 'what it has counted is not written yet')
  increase(family, 'a', 5)
  member.end()
  const last = createMember(t)
  last.member.update()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [6] })
  last.family.reset()
  last.member.end()
  t.strictSame(mergeSlots(directory, [0]), {})
  t.strictSame(reported, [])
})

t.test('collects samples while a process is scraped', async t => {
  let calls = 0
  const { member, directory, reported } = createMember(t, {
    collect: async () => {
      calls++
      return { metrics: [createCounter()], defaultLabels: {} }
    }
  })
  member.update()
  t.equal(calls, 0)
  writeFileSync(join(directory, 'requested'), '')
  member.update()
  t.equal(calls, 1)
  while (!readdirSync(directory).includes('0.samples.1')) await nextTurn()
  t.strictSame(reported, [])
})

t.test('reports that it cannot say where it answers, or use its directory', async t => {
  const address = (): string => { throw Object.assign(new Error('fails'), { code: 'X' }) }
  const { member, reported, directory } = createMember(t, { address })
  member.update()
  t.strictSame(reported.splice(0), ['write: X'])
  rmSync(directory, { recursive: true })
  writeFileSync(directory, '')
  t.equal(member.findSlot(), null)
  member.update()
  const error = 'directory: DYNOAI_METRICS_ERR_DIRECTORY'
  t.strictSame(reported, [error, error])
})

t.test('writes nothing at its end if it has lost its slot', async t => {
  const { member, reported, directory } = createMember(t)
  member.update()
  rmSync(directory, { recursive: true })
  member.end()
  t.notOk(existsSync(directory))
  t.strictSame(reported, [])
})

t.test('collects sums when it is closed, and writes until its end', async t => {
  const collectSums = async () => ({ metrics: [datedFamily('c', byUser('counter', { a: 5 }))], defaultLabels: {} })
  const { member, family, directory, reported } = createMember(t, { address: () => '127.0.0.1:1', collectSums })
  member.update()
  t.ok(readdirSync(directory).includes('0.port.1'))
  increase(family, 'a')
  await member.close()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [2] })
  t.ok(readdirSync(directory).includes('0.samples.1'))
  t.notOk(readdirSync(directory).includes('0.port.1'))
  t.match(listSlots(directory), [{ isOwned: true }])
  increase(family, 'a')
  member.end()
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [3] })
  t.match(listSlots(directory), [{ isOwned: false }])
  t.strictSame(reported, [])
})

t.test('reports what it cannot inherit', async t => {
  const { member, directory, reported } = createMember(t)
  mkdirSync(directory, { mode: 0o700 })
  for (const name of ['0.base.1', '0.carried.1', '0.samples.1']) {
    writeFileSync(join(directory, name), 'forged'.repeat(100))
  }
  member.update()
  t.strictSame(reported, ['read: undefined', 'read: undefined', 'read: undefined'])
  t.strictSame(mergeSlots(directory, [0]), { 'calls_total["a"]': [1] })
})

t.test('reports removals that cannot be applied', async t => {
  const { member, family, directory, reported } = createMember(t)
  member.update()
  family.removeSeries(['a'])
  rmSync(directory, { recursive: true })
  await member.applyRemovals()
  t.strictSame(reported, ['write: ENOENT'])
})
