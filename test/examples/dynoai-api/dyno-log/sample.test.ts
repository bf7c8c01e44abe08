import t from 'tap'
import { readColumnName } from '../../../../examples/dynoai-api/dyno-log/column-name.js'
import { examine } from '../../../../examples/dynoai-api/dyno-log/sample.js'

const names = ['RPM', 'MAP', 'AFR Cmd', 'AFR']
const header = { line: 1, separator: ',', names, columns: names.map(readColumnName) } as const
const units = ['rpm', 'kPa', 'AFR', 'AFR']
const row = ['3000', '80', '12.8', '13.1']

t.test('finds the row of units and the first row', async t => {
  t.match(examine([], header), { unitsRow: undefined, skip: 0 })
  t.match(examine([row], header), { unitsRow: undefined, skip: 0 })
  t.match(examine([units, row], header), { unitsRow: units, skip: 1 })
  t.match(examine([names, units, row], header), { unitsRow: units, skip: 2 })
})

t.test('finds the row of units of a log without rows', async t => {
  t.match(examine([['[Data]'], units, ['idle']], header), { unitsRow: units, skip: 2 })
  t.match(examine([['idle']], header), { unitsRow: undefined, skip: 0 })
})

t.test('finds whether rows begin with a number that is not used', async t => {
  const timed = { ...header, names: ['Time', ...names], columns: [undefined, ...header.columns] }
  const isNumbered = (firsts: readonly string[]) => examine(firsts.map(first => [first, ...row]), timed).isNumbered
  t.equal(isNumbered(['0.1', '0:02', '3 s', 'Max']), true)
  for (const firsts of [[], ['1', '2'], ['1', '2', 'Max'], ['', '1', '2']]) t.equal(isNumbered(firsts), false)
  t.equal(examine([row, row, row], header).isNumbered, false)
})

t.test('refuses another header above the first row', async t => {
  const message = 'The log is not a well-formed table: it has a second header with other columns.'
  t.throws(() => examine([['MAP', 'RPM', 'AFR Cmd'], row], header), { message })
})
