import t from 'tap'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'

function columnsOf (log: string): Record<string, number[]> {
  const [names = [], ...rows] = log.trimEnd().split('\r\n').map(line => line.split(','))
  return Object.fromEntries(names.map((name, column) => [name, rows.map(row => Number(row[column]))]))
}

t.test('returns the same log for the same seed, and another for another seed', async t => {
  t.equal(generateLog({ seed: 7 }), generateLog({ seed: 7 }))
  t.not(generateLog({ seed: 7 }), generateLog({ seed: 8 }))
})

t.test('has the given number of rows, by default that of a typical log', async t => {
  for (const [rows, lines] of [[undefined, 3601], [12_000, 12_001], [5, 6], [0, 1]] as const) {
    t.equal(generateLog({ rows }).trimEnd().split('\r\n').length, lines)
  }
  t.ok(generateLog().length >= 300_000, 'a third of a megabyte')
})

t.test('stays within the ranges of a real log', async t => {
  const columns = columnsOf(generateLog({ rows: 12_000, cells: [] }))
  const ranges: Array<[name: string, low: number, high: number]> = [
    ['RPM', 1500, 5500], ['MAP_kPa', 37, 93], ['Torque', 51, 112],
    ['AFR_Cmd_F', 12.7, 13], ['AFR_Cmd_R', 12.7, 13], ['AFR_Meas_F', 12.2, 13.5], ['AFR_Meas_R', 12.2, 13.5],
    ['TPS', 0, 100], ['IAT', 30, 300], ['Knock', 0, 1], ['VBatt', 12, 15]
  ]
  for (const [name, low, high] of ranges) {
    const values = columns[name] ?? []
    t.ok(values.every(value => value >= low && value <= high), `${name} ${Math.min(...values)}…${Math.max(...values)}`)
  }
})

t.test('changes only the delimiter for another delimiter', async t => {
  for (const delimiter of ['\t', ';'] as const) {
    t.equal(generateLog({ rows: 50, delimiter }).replaceAll(delimiter, ','), generateLog({ rows: 50 }))
  }
})
