import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { Service } from '../service.js'

const log = generateLog({ rows: 200 })
const missing = 'No file was sent. Send the log as multipart/form-data in the field "file".'

/** Asserts that the service accepts and analyses another log. */
async function assertStillWorks (t: Test, service: Service, after: string): Promise<void> {
  const { status, body } = await service.upload(log)
  t.equal(status, 202, `accepts a log after ${after}`)
  t.match(await service.outcome(body.runId), { status: 'completed' })
}

t.test('rejects a bad log with the reason', async t => {
  const service = await Service.start(t, { maxUploadBytes: 128 * 1024 })
  type Log = string | Uint8Array<ArrayBuffer>
  const wrongExtension = "The file is not a dyno log: its name must end in .csv, .txt or .msl. Received: 'pull.wpe'."
  const cases: Array<[name: string, log: Log, filename: string, status: number, error: string | RegExp]> = [
    ['another extension', log, 'pull.wpe', 400, wrongExtension],
    ['a large file with another extension', log.repeat(5), 'pull.zip', 400, /^The file is not a dyno log/],
    ['no extension', log, 'pull', 400, /^The file is not a dyno log/],
    ['an empty log', '', 'pull.csv', 400, 'The log is empty.'],
    ['a blank log', '\r\n \r\n', 'pull.csv', 400, 'The log is empty.'],
    ['a binary file', new Uint8Array(5000), 'pull.csv', 400, /^The log is not plain text: /],
    ['a broken table', log.replace('RPM', '"RPM').slice(0, 500), 'pull.csv', 400,
      /^The log is not a well-formed table: /],
    ['a missing column', log.replace('RPM', 'Speed'), 'pull.csv', 422,
      /^These columns are missing from the log: engine speed \(such as .+\)\. Its columns are: 'Time', 'Speed', /],
    ['a wrong unit', log.replace('AFR_Meas_R', 'Lambda_R'), 'pull.csv', 422,
      /^The column 'Lambda_R' cannot be measured mixture of the rear cylinder in lambda: its values are 1\d.+ to 1\d/],
    ['another table', 'name;price\nexhaust;499\n', 'pull.txt', 422,
      /^These columns are missing from the log: engine speed .+\. Its columns are: 'name', 'price'\.$/],
    ['no rows', `${log.split('\r\n')[0]}\r\n`, 'pull.csv', 422, /^The log has no usable row\. /],
    ['no usable row', log.replaceAll(/,1[23]\.\d+(?=,)/g, ',22.5'), 'pull.csv', 422, /^The log has no usable row\. /],
    ['too large', log.repeat(10), 'pull.csv', 413, 'The log is larger than 0.125 MiB.']
  ]
  for (const [name, log, filename, status, error] of cases) {
    t.match(await service.upload(log, filename), { status, body: { error } }, name)
    await assertStillWorks(t, service, name)
  }
})

t.test('accepts a log up to the limit, as .csv, .txt and .msl in any case', async t => {
  const service = await Service.start(t, { maxUploadBytes: Buffer.byteLength(log) + 1 })
  for (const filename of ['pull.csv', 'PULL.CSV', 'pull.txt', 'pull.msl']) {
    t.equal((await service.upload(log, filename)).status, 202, filename)
  }
})

t.test('rejects a request without a file', async t => {
  const service = await Service.start(t)
  const form = (fill: (form: FormData) => void) => {
    const body = new FormData()
    fill(body)
    return body
  }
  const cases: Array<[name: string, init: RequestInit]> = [
    ['no body', {}],
    ['JSON', { body: '{}', headers: { 'content-type': 'application/json' } }],
    ['an empty form', { body: form(() => {}) }],
    ['a field that is not a file', { body: form(form => form.append('file', log)) }],
    ['another field', { body: form(form => form.append('log', new Blob([log]), 'pull.csv')) }],
    ['no file chosen', { body: form(form => form.append('file', new Blob([]), '')) }],
    ['a file without a name', {
      body: '--x\r\ncontent-disposition: form-data; name="file"\r\ncontent-type: application/octet-stream\r\n\r\n' +
        `${log}\r\n--x--\r\n`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' }
    }]
  ]
  for (const [name, init] of cases) {
    const response = await service.request('/api/analyze', { method: 'POST', ...init })
    t.same(response, { status: 400, body: { error: missing } }, name)
    await assertStillWorks(t, service, name)
  }
})

t.test('reads a rejected file to its end, for a client that sends the complete request first', async t => {
  const service = await Service.start(t)
  const end = '\r\n--x--\r\n'
  const file = Buffer.alloc(20 * 1024 ** 2, log)
  for (const disposition of ['name="file"; filename="pull.zip"', 'name="log"; filename="pull.csv"']) {
    const start = `--x\r\ncontent-disposition: form-data; ${disposition}\r\n\r\n`
    const socket = connect(service.port, '127.0.0.1').pause()
    t.teardown(() => socket.destroy())
    socket.write('POST /api/analyze HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=x\r\n' +
      `content-length: ${start.length + file.length + end.length}\r\n\r\n${start}`)
    socket.write(file)
    await new Promise(resolve => socket.write(end, resolve))
    const [response] = await once(socket.resume(), 'data')
    t.match(String(response), /^HTTP\/1.1 400 /, disposition)
  }
})

t.test('rejects an upload that cannot be read', async t => {
  const service = await Service.start(t)
  const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="pull.csv"\r\n\r\n'
  const cases: Array<[name: string, type: string, body: string]> = [
    ['no boundary', 'multipart/form-data', `${part}${log}\r\n--x--\r\n`],
    ['a truncated form', 'multipart/form-data; boundary=x', `${part}${log}`]
  ]
  for (const [name, type, body] of cases) {
    t.match(await service.request('/api/analyze', { method: 'POST', body, headers: { 'content-type': type } }),
      { status: 400, body: { error: /^The upload cannot be read: .+\.$/ } }, name)
    await assertStillWorks(t, service, name)
  }
})
