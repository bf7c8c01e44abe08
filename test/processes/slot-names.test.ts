import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { highestGeneration, readNames } from '../../lib/processes/slot-names.js'
import { isTemporaryName, temporaryName } from '../../lib/processes/temporary-name.js'

const directoryOf = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map(name => [name, '']))

t.test('sorts the files of slots by slot, kind, generation and epoch', async t => {
  const names = [
    '10.owner.1', '2.owner.10', '2.owner.9', '2.base.10', '2.labels.10.2', '2.labels.10.10', '2.labels.9.3',
    '2.values.10.2.1', '2.values.10.2.0', '2.values.10.10.0', '2.samples.10', '2.carried.10', '2.port.10',
    '2.removals.10.123456789012', '0.values.1.0.1'
  ]
  const { slots, temporary } = readNames(t.testdir(directoryOf(names)))
  t.strictSame([...slots.keys()], [0, 2, 10])
  const none = { owner: [], base: [], labels: [], values: [], samples: [], carried: [], port: [], removals: [] }
  t.strictSame(slots.get(2), {
    owner: [{ name: '2.owner.9', generation: 9, epoch: 0 }, { name: '2.owner.10', generation: 10, epoch: 0 }],
    base: [{ name: '2.base.10', generation: 10, epoch: 0 }],
    labels: [
      { name: '2.labels.9.3', generation: 9, epoch: 3 },
      { name: '2.labels.10.2', generation: 10, epoch: 2 },
      { name: '2.labels.10.10', generation: 10, epoch: 10 }
    ],
    values: [
      { name: '2.values.10.2.0', generation: 10, epoch: 2 },
      { name: '2.values.10.2.1', generation: 10, epoch: 2 },
      { name: '2.values.10.10.0', generation: 10, epoch: 10 }
    ],
    samples: [{ name: '2.samples.10', generation: 10, epoch: 0 }],
    carried: [{ name: '2.carried.10', generation: 10, epoch: 0 }],
    port: [{ name: '2.port.10', generation: 10, epoch: 0 }],
    removals: [{ name: '2.removals.10.123456789012', generation: 10, epoch: 123456789012 }]
  })
  t.strictSame(slots.get(0), { ...none, values: [{ name: '0.values.1.0.1', generation: 1, epoch: 0 }] })
  t.strictSame(temporary, [])
  t.equal(highestGeneration(slots.get(2)?.owner ?? []), 10)
  t.equal(highestGeneration([]), 0)
})

t.test('ignores other names', async t => {
  const names = [
    'scraped', 'service', 'README', '.hidden', '0', '0.owner', '0.owner.', '0.owner.0', '0.owner.01', '00.owner.1',
    '-1.owner.1', '1e3.owner.1', '1024.owner.1', '10000.owner.1', '0.owner.1.1', '0.owner.1.temporary', '0.other.1',
    '0.toString.1', '0.base.1.0', '0.samples.1.0', '0.carried.1.0', '0.port.1.0', '0.removals.1',
    '0.labels.1', '0.labels.1.01', '0.labels.1.1.1', '0.values.1',
    '0.values.1.1', '0.values.1.1.2', '0.values.1.1.00', '0.values.1.1.1.1', '0.owner.1000000000000', '0.OWNER.1',
    `0.owner.${'9'.repeat(200)}`, '0.owner.1 ', ' 0.owner.1', '0.owner.1\n', '0.labels.1.1000000000000',
    'owner.1.temporary'
  ]
  const { slots, temporary } = readNames(t.testdir(directoryOf(names)))
  t.strictSame([...slots], [])
  t.strictSame(temporary, [])
})

t.test('accepts the highest numbers', async t => {
  const { slots } = readNames(t.testdir(directoryOf(['1023.values.999999999999.999999999999.1'])))
  t.match(slots.get(1023)?.values, [{ generation: 999_999_999_999, epoch: 999_999_999_999 }])
})

t.test('lists files that were not complete', async t => {
  const names = [temporaryName('owner'), temporaryName('service')]
  t.ok(names.every(isTemporaryName))
  t.strictSame([...readNames(t.testdir(directoryOf(names))).temporary].sort(), [...names].sort())
})

t.test('stops at a directory with too many files', async t => {
  const directory = t.testdir(directoryOf(['0', '1', '2', '0.owner.1']))
  t.equal(readNames(directory, 4).slots.size, 1)
  t.throws(() => readNames(directory, 3), {
    code: 'DYNOAI_METRICS_ERR_DIRECTORY', message: 'must contain at most 3 files. Received: a directory with more'
  })
  rmSync(join(directory, '0'))
  t.equal(readNames(directory, 3).slots.size, 1)
})

t.test('throws what the file system throws', async t => {
  const root = t.testdir({ file: '' })
  t.throws(() => readNames(join(root, 'none')), { code: 'ENOENT' })
  t.throws(() => readNames(join(root, 'file')), { code: 'ENOTDIR' })
})
