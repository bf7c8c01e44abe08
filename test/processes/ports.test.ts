import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Ports } from '../../lib/processes/ports.js'
import { Problems } from '../../lib/processes/problems.js'
import { listSlots } from '../../lib/processes/slots.js'
import type { OwnedSlot } from '../../lib/processes/slots.js'
import { MetricErrors } from '../../lib/registry/metric-errors.js'
import { fakeLinux, ownerOf, threadOf } from '../fixtures/processes/fake-system.js'

/** What is called for an error, and its message. */
type Reported = readonly [kind: string, message: string]

interface Member {
  readonly slot: OwnedSlot
  readonly ports: Ports
  readonly reported: Reported[]
  address: string | null
}

const system = fakeLinux([1, 2, 3])

/** Processes with a slot each, and their addresses. */
function createMembers (directory: string, addresses: ReadonlyArray<string | null>): Member[] {
  return addresses.map((address, slot) => {
    const owner = ownerOf(threadOf(slot + 1))
    writeFileSync(join(directory, `${slot}.owner.1`), JSON.stringify(owner))
    const reported: Reported[] = []
    const problems = Object.assign(new Problems(new MetricErrors('', { warn () {} } as never)), {
      report (kind: string, err: unknown) { reported.push([kind, String(err)]) }
    })
    const ports = new Ports({ directory, address: () => member.address, problems })
    const member: Member = { slot: { slot, generation: 1, owner }, ports, reported, address }
    return member
  })
}

function checkAll (directory: string, members: readonly Member[]): number[] {
  return members.map(({ ports, slot, reported }) => {
    reported.length = 0
    ports.check(listSlots(directory, system), slot)
    return reported.length
  })
}

t.test('reports each other process on another port once', async t => {
  const directory = t.testdir({})
  const members = createMembers(directory, ['127.0.0.1:1', '[::1]:2', '127.0.0.1:1'])
  t.strictSame(checkAll(directory, members), [0, 0, 0], 'none has said where it answers')
  for (const { ports, slot } of members) ports.announce(slot)
  t.equal(readFileSync(join(directory, '1.port.1'), 'utf8'), '[::1]:2')
  t.strictSame(checkAll(directory, members), [1, 2, 1])
  t.match(members[1]?.reported, [['ports', /answers scrapes at \[::1\]:2, and another one at 127\.0\.0\.1:1$/], ['ports']])
  t.strictSame(checkAll(directory, members), [0, 0, 0])
})

const CASES: ReadonlyArray<readonly [addresses: ReadonlyArray<string | null>, reported: number]> = [
  [['127.0.0.1:1', '0.0.0.0:1', '[::]:1'], 0],
  [['/run/a.sock', '/run/a.sock', '/run/a.sock'], 0],
  [['/run/a.sock', '/run/b.sock', null], 2],
  [['127.0.0.1:1', null, null], 0]
]

for (const [addresses, expected] of CASES) {
  t.test(`processes that answer at ${addresses.join(' and ')} make ${expected} reports`, async t => {
    const directory = t.testdir({})
    const members = createMembers(directory, addresses)
    for (const { ports, slot } of members) ports.announce(slot)
    t.equal(checkAll(directory, members).reduce((sum, count) => sum + count), expected)
  })
}

t.test('does not report a process that has ended, or an owner before', async t => {
  const directory = t.testdir({})
  const members = createMembers(directory, ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'])
  for (const { ports, slot } of members) ports.announce(slot)
  writeFileSync(join(directory, '1.owner.1'), JSON.stringify(ownerOf(threadOf(404))))
  writeFileSync(join(directory, '2.owner.2'), JSON.stringify(ownerOf(threadOf(3))))
  t.equal(checkAll(directory, members)[0], 0)

  writeFileSync(join(directory, '1.owner.1'), JSON.stringify(ownerOf(threadOf(2))))
  t.equal(checkAll(directory, members)[0], 1)
  writeFileSync(join(directory, '1.owner.1'), JSON.stringify(ownerOf(threadOf(404))))
  t.equal(checkAll(directory, members)[0], 0, 'it is forgotten')
})

t.test('writes the address once for each generation, and deletes those of lower ones', async t => {
  const directory = t.testdir({ '0.port.1': '127.0.0.1:9' })
  const [member] = createMembers(directory, ['127.0.0.1:1'])
  const { ports, slot } = member!
  const later = { ...slot, generation: 3 }
  ports.announce(later)
  t.notOk(existsSync(join(directory, '0.port.1')))
  writeFileSync(join(directory, '0.port.3'), 'changed')
  ports.announce(later)
  t.equal(readFileSync(join(directory, '0.port.3'), 'utf8'), 'changed')
  member!.address = '127.0.0.1:5'
  ports.announce(later)
  t.equal(readFileSync(join(directory, '0.port.3'), 'utf8'), '127.0.0.1:5')
})

t.test('deletes what owners before have left, also without an address, and its own file at the end', async t => {
  const left = { '0.port.1': '127.0.0.1:9', '0.port.1.tmp': '', '0.port.2.tmp': '', '1.port.1': '127.0.0.1:9' }
  const directory = t.testdir(left)
  const [member] = createMembers(directory, [null])
  const { ports, slot } = member!
  const ports3 = (): void => { ports.announce({ ...slot, generation: 3 }) }
  ports3()
  t.strictSame(readdirSync(directory).sort(), ['0.owner.1', '1.port.1'])
  ports.close()
  member!.address = '127.0.0.1:1'
  ports3()
  t.strictSame(readdirSync(directory).sort(), ['0.owner.1', '0.port.3', '1.port.1'])
  ports.close()
  t.strictSame(readdirSync(directory).sort(), ['0.owner.1', '1.port.1'])
})

t.test('reads a file again that it could not read', async t => {
  const directory = t.testdir({})
  const members = createMembers(directory, ['127.0.0.1:1', '127.0.0.1:2'])
  for (const { ports, slot } of members) ports.announce(slot)
  writeFileSync(join(directory, '1.port.1'), 'x'.repeat(10_000))
  t.equal(checkAll(directory, members)[0], 0)
  writeFileSync(join(directory, '1.port.1'), '127.0.0.1:2')
  t.equal(checkAll(directory, members)[0], 1)
})
