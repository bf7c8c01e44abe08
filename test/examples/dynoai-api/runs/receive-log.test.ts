import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { Service } from '../service.js'

const log = generateLog({ rows: 200 })
const missing = 'No file was sent: send the log as multipart/form-data, in the field "file".'

/** The service answers, and its next log is analysed. */
async function isStillUp (t: Test, service: Service, after: string): Promise<void> {
  const { status, body } = await service.upload(log)
  t.equal(status, 202, `takes a log after ${after}`)
  t.match(await service.outcome(body.runId), { status: 'completed' })
}

t.test('says what is wrong with a log', async t => {
  const service = await Service.start(t, { maxUploadBytes: 128 * 1024 })
  const cases: Array<[name: string, log: string | Uint8Array<ArrayBuffer>, filename: string, status: number, error: string | RegExp]> = [
    ['another extension', log, 'pull.wpe', 400, "The file is no dyno log: its name must end in .csv or .txt. Received: 'pull.wpe'."],
    ['a large file with another extension', log.repeat(5), 'pull.zip', 400, /^The file is no dyno log/],
    ['no extension', log, 'pull', 400, /^The file is no dyno log/],
    ['an empty log', '', 'pull.csv', 400, 'The log is empty.'],
    ['a blank log', '\r\n \r\n', 'pull.csv', 400, 'The log is empty.'],
    ['a binary file', new Uint8Array(5000), 'pull.csv', 400, /^The log is not plain text: /],
    ['a broken table', log.replace('RPM', '"RPM').slice(0, 500), 'pull.csv', 400, /^The log is not a well-formed table: /],
    ['a missing column', log.replace('AFR_Meas_R', 'Lambda_R'), 'pull.csv', 422, 'The log lacks these columns: afr_meas_r.'],
    ['another table', 'name;price\nexhaust;499\n', 'pull.txt', 422, /^The log lacks these columns: rpm, map_kpa, torque, /],
    ['no rows', `${log.split('\r\n')[0]}\r\n`, 'pull.csv', 422, /^The log has no usable row: /],
    ['no usable row', log.replaceAll(/,1[23]\.\d+(?=,)/g, ',22.5'), 'pull.csv', 422, /^The log has no usable row: /],
    ['too large', log.repeat(10), 'pull.csv', 413, 'The log is larger than 0.125 MiB.']
  ]
  for (const [name, log, filename, status, error] of cases) {
    t.match(await service.upload(log, filename), { status, body: { error } }, name)
    await isStillUp(t, service, name)
  }
})

t.test('takes a log up to the limit, as .csv and .txt in any case', async t => {
  const service = await Service.start(t, { maxUploadBytes: Buffer.byteLength(log) + 1 })
  for (const filename of ['pull.csv', 'PULL.CSV', 'pull.txt']) t.equal((await service.upload(log, filename)).status, 202, filename)
})

t.test('says that there is no file', async t => {
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
    ['a field that is no file', { body: form(form => form.append('file', log)) }],
    ['another field', { body: form(form => form.append('log', new Blob([log]), 'pull.csv')) }],
    ['no file chosen', { body: form(form => form.append('file', new Blob([]), '')) }],
    ['a file without a name', {
      body: `--x\r\ncontent-disposition: form-data; name="file"\r\ncontent-type: application/octet-stream\r\n\r\n${log}\r\n--x--\r\n`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' }
    }]
  ]
  for (const [name, init] of cases) {
    t.same(await service.request('/api/analyze', { method: 'POST', ...init }), { status: 400, body: { error: missing } }, name)
    await isStillUp(t, service, name)
  }
})

t.test('reads a file that it does not want to its end, for a client that sends everything first', async t => {
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
    const [answer] = await once(socket.resume(), 'data')
    t.match(String(answer), /^HTTP\/1.1 400 /, disposition)
  }
})

t.test('says that the upload cannot be read', async t => {
  const service = await Service.start(t)
  const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="pull.csv"\r\n\r\n'
  const cases: Array<[name: string, type: string, body: string]> = [
    ['no boundary', 'multipart/form-data', `${part}${log}\r\n--x--\r\n`],
    ['a form that breaks off', 'multipart/form-data; boundary=x', `${part}${log}`]
  ]
  for (const [name, type, body] of cases) {
    t.match(await service.request('/api/analyze', { method: 'POST', body, headers: { 'content-type': type } }),
      { status: 400, body: { error: /^The upload cannot be read: .+\.$/ } }, name)
    await isStillUp(t, service, name)
  }
})

t.test('survives a client that leaves half-way', async t => {
  const service = await Service.start(t)
  const socket = connect(service.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('POST /api/analyze HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\ncontent-type: multipart/form-data; boundary=x\r\n\r\n' +
    `--x\r\ncontent-disposition: form-data; name="file"; filename="pull.csv"\r\n\r\n${log}`)
  await sleep(50)
  socket.destroy()
  await once(socket, 'close')
  await isStillUp(t, service, 'a client that left')
})
