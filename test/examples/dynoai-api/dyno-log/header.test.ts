import t from 'tap'
import { detectHeader, findColumns } from '../../../../examples/dynoai-api/dyno-log/header.js'

const required = ['RPM', 'MAP_kPa', 'Torque', 'AFR_Cmd_F', 'AFR_Cmd_R', 'AFR_Meas_F', 'AFR_Meas_R']

t.test('finds the header and its delimiter', async t => {
  const cases: Array<[name: string, head: string, line: number, delimiter: string]> = [
    ['commas', 'Time,RPM,Torque\n0,1,2', 1, ','],
    ['tabs', 'Time\tRPM\tTorque', 1, '\t'],
    ['semicolons', 'Time;RPM;Torque', 1, ';'],
    ['tabs around a name with a comma', 'Time\tRPM\tNote, free\tTorque', 1, '\t'],
    ['a byte order mark', '\uFEFFrpm,torque', 1, ','],
    ['quoted names', '"Time";"RPM"', 1, ';'],
    ['space around names', ' time , rpm ', 1, ','],
    ['lines above the header', 'WinPEP 7; run 12\r\n\r\nTime,RPM\r\n0,1', 3, ','],
    ['a single column', 'rpm\n1500', 1, ','],
    ['no header: the first line with text', '\n \na;b\nc,d,e', 3, ';']
  ]
  for (const [name, head, line, delimiter] of cases) t.same(detectHeader(head), { line, delimiter }, name)
})

t.test('rejects an empty log and a binary log', async t => {
  t.throws(() => detectHeader(' \r\n\t\n'), { statusCode: 400, message: 'The log is empty.' })
  t.throws(() => detectHeader('PK\u0003\u0004\0\0'), { statusCode: 400, message: /^The log is not plain text: / })
})

t.test('finds columns by name, in any case and order, with spaces or underscores', async t => {
  const { rpm, map, torque, afrMeasuredRear, tps, iat } = findColumns(
    ['TPS', 'afr meas R', 'AFR_MEAS_F', 'Afr Cmd_R', 'afr_cmd_f', ' TORQUE ', 'map  kpa', 'rpm'])
  const positions = { rpm, map, torque, afrMeasuredRear, tps, iat }
  t.same(positions, { rpm: 7, map: 6, torque: 5, afrMeasuredRear: 1, tps: 0, iat: -1 })
})

t.test('prefers map_kpa to map, and map to kpa', async t => {
  const others = required.filter(name => name !== 'MAP_kPa')
  for (const [names, position] of [[['kpa', 'map', 'map_kpa'], 2], [['kpa', 'map'], 1], [['kpa'], 0]] as const) {
    t.equal(findColumns([...names, ...others]).map, position, names.join())
  }
})

t.test('reports every required column that is missing', async t => {
  for (const name of required) {
    t.throws(() => findColumns(required.filter(other => other !== name)),
      { statusCode: 422, message: `These columns are missing from the log: ${name.toLowerCase()}.` })
  }
  t.throws(() => findColumns(['rpm', 'map', 'afr_cmd_f', 'afr_meas_f']),
    { message: 'These columns are missing from the log: torque, afr_cmd_r, afr_meas_r.' })
})
