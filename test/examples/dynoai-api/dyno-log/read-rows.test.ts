import { Readable } from 'node:stream'
import t from 'tap'
import { readRows, type LogBytes, type LogRow } from '../../../../examples/dynoai-api/dyno-log/read-rows.js'

const header = 'rpm,map,torque,afr_cmd_f,afr_cmd_r,afr_meas_f,afr_meas_r,tps,iat'
const row = '1500,80.5,60,12.8,12.9,13.1,13.2,40,100'
const parsed: LogRow = {
  rpm: 1500,
  map: 80.5,
  torque: 60,
  afrCommandedFront: 12.8,
  afrCommandedRear: 12.9,
  afrMeasuredFront: 13.1,
  afrMeasuredRear: 13.2,
  tps: 40,
  iat: 100
}

async function readAll (log: LogBytes): Promise<LogRow[]> {
  const rows = []
  for await (const read of readRows(log)) rows.push(read)
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
    ['no line ending after the last row', log.trimEnd()],
    ['a byte order mark', `\uFEFF${log}`],
    ['lines above the header', `WinPEP 7\nrun 12, pull 3, 4th gear\n\n${log}`],
    ['empty lines', `\n${header}\n\n${row}\n\n`],
    ['quoted fields', log.replace('1500', '"1500"')],
    ['a stray quote', log.replace('100\n', '100,5" pipe\n')],
    ['space around numbers', log.replaceAll('1500', ' 1500 ')]
  ]
  for (const [name, text] of cases) t.same(await readAll([text]), [parsed], name)
})

t.test('reads the same rows in chunks of any size', async t => {
  const rows = 300
  const bytes = Buffer.from(`${header}\n${`${row}\n`.repeat(rows)}`)
  for (const size of [1, 7, 8191, 8192, 100_000]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size))
    t.same(await readAll(chunks), Array(rows).fill(parsed), `${size} bytes`)
  }
})

t.test('returns NaN for a field that is not a number or is missing', async t => {
  const cases: Array<[name: string, row: string]> = [
    ['empty', row.replace('1500', '')],
    ['blank', row.replace('1500', ' ')],
    ['a word', row.replace('1500', 'idle')],
    ['a number with its unit', row.replace('1500', '1500 rpm')]
  ]
  for (const [name, text] of cases) t.same(await readAll([`${header}\n${text}`]), [{ ...parsed, rpm: NaN }], name)
  t.same(
    await readAll([`${header}\n1500,80.5,60,12.8,12.9,13.1,13`]),
    [{ ...parsed, afrMeasuredRear: 13, tps: NaN, iat: NaN }],
    'a truncated row'
  )
})

t.test('rejects a bad log with the reason', async t => {
  const cases: Array<[name: string, log: LogBytes, message: string | RegExp]> = [
    ['no bytes', [], 'The log is empty.'],
    ['empty chunks', ['', Buffer.alloc(0)], 'The log is empty.'],
    ['blank lines', ['\n\n  \n'], 'The log is empty.'],
    ['binary', [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0])], /^The log is not plain text/],
    ['UTF-16', [Buffer.from(header, 'utf16le')], /^The log is not plain text/],
    ['other columns', ['a,b\n1,2'],
      'These columns are missing from the log: rpm, map_kpa, torque, afr_cmd_f, afr_cmd_r, afr_meas_f, afr_meas_r.'],
    ['a quote that never ends', [`${header}\n"1500,80`], /^The log is not a well-formed table: Quote Not Closed: .*\.$/]
  ]
  for (const [name, log, message] of cases) await t.rejects(readAll(log), { message }, name)
})

t.test('rejects a row without an end before the end of the log', async t => {
  const maxChunks = 16
  const cases: Array<[name: string, first: string, more: string, message: RegExp]> = [
    ['a line of numbers', `${header}\n`, '1234567,', /: (Max Record Size|a line is longer than 65536 bytes)/],
    ['a line of empty fields', `${header}\n`, ',,,,,,,,', /: a line is longer than 65536 bytes\.$/],
    ['a header', 'rpm,', 'revolu, ', /: (Max Record Size|a line is longer than 65536 bytes)/],
    ['a quoted field', `${header}\n"`, '1,2,3,4\n', /: Max Record Size: .* of 65536 .*\.$/]
  ]
  for (const [name, first, more, message] of cases) {
    let chunks = 0
    const log = function * () {
      yield first
      while (chunks++ < maxChunks) yield more.repeat(8192)
    }
    await t.rejects(readAll(log()), { code: 'DYNOAI_ERR_LOG_MALFORMED', statusCode: 400, message }, name)
    t.ok(chunks < maxChunks, `${name}: ${chunks} chunks`)
  }
})

t.test('reads no rows from a log that has only a header', async t => {
  t.same(await readAll([header]), [])
})

t.test('rejects with the error of a log that cannot be read', async t => {
  const rows = `${row}\n`.repeat(500)
  for (const [name, first] of [['before the first chunk', ''], ['after some rows', `${header}\n${rows}`]] as const) {
    async function * broken () {
      yield first
      throw new Error('disk failure')
    }
    await t.rejects(readAll(broken()), { message: 'disk failure' }, name)
  }
})

t.test('closes the log when the reader stops early, and when the log is bad', async t => {
  const endless = () => Readable.from((function * () {
    yield `${header}\n`
    while (true) yield `${row}\n`.repeat(100)
  })())
  const log = endless()
  const rows = readRows(log)
  t.same((await rows.next()).value, parsed)
  await rows.return(undefined)
  t.ok(log.destroyed)

  const bad = endless().map((chunk: string) => chunk.replaceAll('rpm', 'speed'))
  await t.rejects(readAll(bad), { message: 'These columns are missing from the log: rpm.' })
  t.ok(bad.destroyed)
})
