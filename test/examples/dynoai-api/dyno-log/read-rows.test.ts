import t from 'tap'
import { findLayout } from '../../../../examples/dynoai-api/dyno-log/find-layout.js'
import { readRows, type LogRow } from '../../../../examples/dynoai-api/dyno-log/read-rows.js'
import { toLog } from '../to-log.js'

const header = 'rpm,map,torque,afr_cmd_f,afr_cmd_r,afr_meas_f,afr_meas_r,tps,iat'
const row = '1500,80.5,60,12.8,12.9,13.1,13.2,40,100'
const parsed: LogRow = {
  rpm: 1500,
  map: 80.5,
  torque: 60,
  mixtures: [{ commanded: 12.8, measured: 13.1 }, { commanded: 12.9, measured: 13.2 }],
  tps: 40,
  iat: 100
}

async function readAll (text: string | Uint8Array): Promise<Array<LogRow | undefined>> {
  const log = toLog(text)
  const rows = []
  for await (const piece of readRows(log, await findLayout(log))) rows.push(...piece)
  return rows
}

t.test('reads rows in every format of a log', async t => {
  const log = `${header}\n${row}\n`
  const cases: Array<[name: string, log: string]> = [
    ['commas', log],
    ['tabs', log.replaceAll(',', '\t')],
    ['semicolons', log.replaceAll(',', ';')],
    ['Windows line endings', log.replaceAll('\n', '\r\n')],
    ['old Mac line endings', log.replaceAll('\n', '\r')],
    ['mixed line endings', `WinPEP\r\n\r\n${log}`],
    ['no line ending after the last row', log.trimEnd()],
    ['a byte order mark', `\uFEFF${log}`],
    ['lines above the header', `WinPEP 7\nrun 12, pull 3, 4th gear\n\n${log}`],
    ['pages of text above the header', `${`${'word '.repeat(40)}\n`.repeat(150)}${log}`],
    ['a quotation mark above the header', `"WinPEP, 7\n${log}`],
    ['lines about rpm above the header', `RPM,1500,5500\nMax RPM: 5500, MAP: 95\n${log}`],
    ['empty lines', `\n${header}\n\n${row}\n\n`],
    ['quoted fields', log.replace('1500', '"1500"')],
    ['a stray quote', log.replace('100\n', '100,5" pipe\n').replace('iat', 'iat,note')],
    ['space around numbers', log.replaceAll('1500', ' 1500 ')],
    ['a separator at the end of each row', log.replaceAll('\n', ',\n')],
    ['units behind values', log.replace('1500', '1500 rpm').replace('80.5', '80.5 kPa').replace('100', '100°F')],
    ['a units row', log.replace('\n', '\nrpm,kPa,ft-lb,AFR,AFR,AFR,AFR,%,°F\n')],
    ['the line of a section below the header', log.replace('\n', '\n[Channel Data]\n')],
    ['other text between header and rows', log.replace('\n', '\nrpm,kPa,,,,,,,\n\n[Channel Data]\n')]
  ]
  for (const [name, text] of cases) t.same(await readAll(text), [parsed], name)
})

t.test('reads a log of many pieces', async t => {
  t.same(await readAll(`${header}\n${`${row}\n`.repeat(3000)}`), Array(3000).fill(parsed))
})

t.test('returns NaN for a field that is not a number, has another unit, or is missing', async t => {
  const cases: Array<[name: string, field: string]> = [
    ['empty', ''], ['blank', ' '], ['a name', 'RPM'], ['a word', 'idle'], ['several points', '1.5.0'],
    ['another unit', '1500 Hz']
  ]
  for (const [name, field] of cases) {
    const rows = await readAll(`${header}\n${`${row}\n`.repeat(600)}${row.replace('1500', field)}\n`)
    t.same(rows.at(-1), { ...parsed, rpm: NaN }, name)
  }
  const rows = await readAll(`${header}\n${row}\n1500,80.5,60,12.8,12.9,13.1,13`)
  const rear = { commanded: 12.9, measured: 13 }
  t.same(rows[1], { ...parsed, mixtures: [parsed.mixtures[0], rear], tps: NaN, iat: NaN }, 'a truncated row')
})

t.test('reads units and rows that end before the last column', async t => {
  const rows = await readAll('MAP,AFR Cmd,AFR,RPM\ninHg,AFR\n28,12.8,13.1,1500\n28,12.8\n')
  t.match(rows, [{ rpm: 1500 }, { rpm: NaN }])
  t.equal(rows[0]?.map.toFixed(2), '94.82')
})

t.test('returns no row for a record with more fields than the header', async t => {
  t.same(await readAll(`${header}\n${row},1\n${row}`), [undefined, parsed])
})

t.test('returns no row for a record that begins with a word where the others have a number', async t => {
  const rows = (firsts: readonly string[], name = 'Time') =>
    readAll([`${name},${header}`, ...firsts.map(first => `${first},${row}`)].join('\n'))
  const numbers = ['0.1', '0:00.2', '3 s']
  const words = ['Max', ' "Min"', '(avg)', 'Ø']
  t.same(await rows([...numbers, ...words]), [...numbers.map(() => parsed), ...words.map(() => undefined)])
  const others = ['1e-5', '', '-', 'NaN', 'n/a', '4 s']
  t.same(await rows([...numbers, ...others]), Array(9).fill(parsed), 'no words')
  t.same(await rows(['0.1', '0.2', 'Max']), Array(3).fill(parsed), 'few numbers')
  t.same(await rows(['a', ...numbers, 'b'], 'Note'), Array(5).fill(parsed), 'a column of words')
  t.match(await readAll(`${header}\n${`${row}\n`.repeat(3)}${row.replace('1500', 'Max')}`), [{}, {}, {}, { rpm: NaN }])
})

t.test('reads two logs in one file if they have the same columns', async t => {
  const empty = { ...parsed, rpm: NaN, map: NaN, torque: NaN, tps: NaN, iat: NaN }
  const units = 'rpm,kPa,ft-lb,AFR,AFR,AFR,AFR,%,°F'
  const rows = await readAll([header, units, row, header, units, row].join('\n'))
  t.match(rows, [parsed, { rpm: empty.rpm }, { rpm: empty.rpm }, parsed])
  const message = /^The log is not a well-formed table: it has a second (?:header|row of units)/
  for (const other of [
    [header.replace('map', 'tps')], [header, units.replace('kPa', 'inHg')], [header, ',inHg'],
    [units.replace('kPa', 'kPag')], [units.replace('kPa', 'rpm')],
    [header.split(',').reverse().join()], [header.replaceAll(',', ';')]
  ]) {
    await t.rejects(readAll([header, units, row, ...other, row].join('\n')), { message })
  }
})

t.test('takes no row with a text in place of a number for a row of units', async t => {
  for (const text of ['NaN', 'N/A', 'off', 'ERR', 'x'.repeat(41)]) {
    for (const rpm of ['1000', '1000.0', '1.000', '1000 rpm']) {
      const rows = await readAll(`${header}\n${`${row}\n`.repeat(600)}${rpm},80,70,${text},12.9,13.1,13.2,40,100\n`)
      t.match(rows.at(-1), { rpm: rpm === '1.000' ? 1 : 1000, map: 80 }, `${rpm}, ${text}`)
    }
  }
})

t.test('rejects a bad table with the reason', async t => {
  const cases: Array<[name: string, text: string, message: RegExp]> = [
    ['no bytes', '', /^The log is empty\.$/],
    ['blank lines', '\n\n  \n', /^The log is empty\.$/],
    ['a header with a quote that never ends', `"${header}\n${row}`, /: in line 1, a quotation mark at the start of a field has no counterpart\.$/],
    ['a quote that never ends', `${header}\n"1500,80`, /: in line 2, a quotation mark at the start of a field has no counterpart\.$/],
    ['a quote that ends lines later', `${header}\n"1500,80\n${row}\n1",2\n`, /: in line 2, a quotation mark at the start of a field has no counterpart\.$/],
    ['a line of numbers', `${header}\n${'1234567,'.repeat(9000)}`, /: line 2 has at least 7\d{4} characters; a line has at most 65536\.$/],
    ['a line of empty fields', `${header}\n${','.repeat(1001)}`, /: line 2 has 1001 separators of fields; a line has at most 1000\.$/],
    ['a header of too many columns', `${header}${',x'.repeat(1000)}\n`, /: line 1 has 1008 separators of fields; a line has at most 1000\.$/],
    ['a preamble of too many columns', `${'x;'.repeat(1001)}\n${header}\n${row}`, /: line 1 has 1001 separators of fields/],
    ['a long header', `${header},${'x'.repeat(66_000)}\n`, /: line 1 has 660\d\d characters; a line has at most 65536\.$/],
    ['a quoted field of many lines', `${header}\n"${'1,2,3,4\n'.repeat(9000)}`, /: in line 2, a quotation mark at the start of a field has no counterpart\.$/]
  ]
  for (const [name, text, message] of cases) await t.rejects(readAll(text), { message, statusCode: 400 }, name)
})
