import t from 'tap'
import { decode, detectEncoding, type Encoding } from '../../../../examples/dynoai-api/dyno-log/encoding.js'
import { readLog } from '../../../../examples/dynoai-api/dyno-log/log.js'

const text = 'IAT (°C)\r\n21\r\n'
const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')

async function read (bytes: Buffer): Promise<{ encoding: Encoding, decoded: string }> {
  const encoding = await detectEncoding(readLog({ bytes }))
  let decoded = ''
  for await (const part of decode(readLog({ bytes }), encoding)) decoded += part
  return { encoding, decoded }
}

t.test('detects and decodes the encodings of logs', async t => {
  const cases: Array<[encoding: Encoding, bytes: Buffer]> = [
    ['UTF-8', Buffer.from(text)],
    ['UTF-8', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16LE', utf16],
    ['UTF-16BE', Buffer.from(utf16).swap16()],
    ['Windows-1252', Buffer.from(text, 'latin1')]
  ]
  for (const [encoding, bytes] of cases) t.strictSame(await read(bytes), { encoding, decoded: text })
})

t.test('decodes characters between two pieces', async t => {
  const degrees = '°'.repeat(50_000)
  for (const bytes of [Buffer.from(`x${degrees}`), Buffer.from(`\uFEFFx${degrees}`, 'utf16le')]) {
    t.equal((await read(bytes)).decoded, `x${degrees}`)
  }
})

t.test('takes a log with an incomplete last character for UTF-8, and finds Windows-1252 behind ASCII', async t => {
  t.equal((await read(Buffer.from('21 °').subarray(0, 4))).encoding, 'UTF-8')
  t.equal((await read(Buffer.concat([Buffer.from('2'.repeat(200_000)), Buffer.of(0xb0)]))).encoding, 'Windows-1252')
})

t.test('rejects a log with NUL, and passes the errors of reading on', async t => {
  for (const bytes of [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]), Buffer.from(text, 'utf16le')]) {
    await t.rejects(read(bytes), { code: 'DYNOAI_ERR_LOG_BINARY', statusCode: 400, message: /NUL/ })
  }
  await t.rejects(detectEncoding(readLog({ path: '/no/such/log' })), { code: 'ENOENT' })
})
