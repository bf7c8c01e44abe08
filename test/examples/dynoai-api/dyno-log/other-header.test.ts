import t from 'tap'
import { OtherHeaders } from '../../../../examples/dynoai-api/dyno-log/other-header.js'

const used = [{ index: 0, name: 'RPM', unit: 'rpm', isLabelled: false }] as const
const rows = Array.from({ length: 20 }, (_, row) => [`a${row}`, `b${row}`, `c${row}`])

t.test('refuses rows with too many different texts in place of numbers', async t => {
  const reject = (records: ReadonlyArray<readonly string[]>) => {
    const headers = new OtherHeaders({ names: ['RPM'], unitsRow: undefined }, 60)
    for (const record of records) headers.reject(record, used)
  }
  t.throws(() => reject(rows), {
    code: 'DYNOAI_ERR_LOG_MALFORMED',
    message: 'The log is not a well-formed table: its rows have more than 60 characters of different texts where ' +
      'numbers are needed.'
  })
  reject(rows.slice(0, 10))
  reject([...rows.slice(0, 10), ...rows.slice(0, 10)])
  reject(rows.map(([rpm = '', text = '']) => [rpm, text, '1']))
  reject(rows.map(([, ...texts]) => ['3000', ...texts]))
})

t.test('takes a record that ends before the last column as one without numbers there', async t => {
  const headers = new OtherHeaders({ names: ['Time', 'RPM', 'MAP'], unitsRow: ['s', 'rpm', 'kPa'] })
  const columns = [...used, { index: 2, name: 'MAP', unit: 'kPa', isLabelled: true }] as const
  for (const record of [[], ['idle'], ['rpm'], ['idle', '1']]) headers.reject(record, columns)
  t.throws(() => headers.reject(['1/min', 'kPa', 'psig'], columns), { code: 'DYNOAI_ERR_LOG_MALFORMED', message: /'MAP'/ })
})
