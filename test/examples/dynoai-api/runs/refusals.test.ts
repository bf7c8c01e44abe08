import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { REFUSAL_REASONS } from '../../../../examples/dynoai-api/analysis/refusal-reason.js'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'
import { Service } from '../service.js'

const log = generateLog({ rows: 200 })
const type = 'multipart/form-data; boundary=x'

/** Returns a part of a form: a file with a name, or a field. */
function part (content: string, { field = 'file', filename }: { field?: string, filename?: string } = {}): string {
  const name = filename === undefined ? '' : `; filename="${filename}"`
  return `--x\r\ncontent-disposition: form-data; name="${field}"${name}\r\n\r\n${content}\r\n`
}

const form = (...parts: string[]): string => `${parts.join('')}--x--\r\n`
const file = (content: string, filename = 'pull.csv'): string => part(content, { filename })
const fields = (count: number): string => part('x', { field: 'x' }).repeat(count)

/** Bodies of uploads, the status that they get, and the reason that is counted. */
const REFUSED: ReadonlyArray<[
  name: string, body: string, status: number, reason?: typeof REFUSAL_REASONS[number], error?: RegExp
]> = [
  ['another extension', form(file(log, 'pull.wp8')), 400, 'extension'],
  ['too large', form(file(log.repeat(10))), 413, 'size'],
  ['two files', form(file(log), file(log, 'other.csv')), 400, 'files', /^Several files were sent\. /],
  ['a large second file', form(file(log), file(log.repeat(20))), 400, 'files'],
  ['a file without an end', file(log), 400, 'upload', /^The upload cannot be read: .+\.$/],
  ['many fields', form(fields(30), file(log)), 400, 'upload', / it has too many fields\.$/],
  ['many fields behind the file', form(file(log), fields(30)), 400, 'upload', / it has too many fields\.$/],
  ['no form', 'rpm,map', 400, 'upload'],
  ['empty', form(file('')), 400, 'empty', /^The log is empty\.$/],
  ['binary', form(file('\0'.repeat(100))), 400, 'binary'],
  ['a stray quotation mark', form(file(`${log}"1500,80`)), 400, 'malformed',
    / a quotation mark at the start of a field has no counterpart\.$/],
  ['without columns', form(file('a,b\n1,2\n')), 422, 'columns'],
  ['values that cannot be', form(file(log.replace('MAP_kPa', 'MAP_psi'))), 422, 'units'],
  ['all rows dropped', form(file(log.replaceAll(/,1[23]\.\d+(?=,)/g, ',22.5'))), 422, 'rows'],
  ['without a file', form(fields(1)), 400],
  ['in another field', form(part(log, { field: 'log', filename: 'pull.csv' })), 400]
]

t.test('counts a refused log as one failed analysis with one reason, and keeps no file of it', async t => {
  const directory = t.testdir()
  const service = await Service.start(t, { maxUploadBytes: 128 * 1024, runs: { directory } })
  const [uploads = ''] = readdirSync(directory)
  const counts: Partial<Record<string, number>> = {}
  for (const [name, body, status, reason, error = /./] of REFUSED) {
    const init = { method: 'POST', body, headers: { 'content-type': type } }
    t.match(await service.request('/api/analyze', init), { status, body: { error } }, name)
    if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1
    t.strictSame(readdirSync(join(directory, uploads)), [], name)

    const failed = Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0)
    t.match(await service.samples('dynoai_analysis'), {
      'dynoai_analysis_total{status="error",source="upload"}': failed,
      'dynoai_analysis_total{status="success",source="upload"}': 0,
      'dynoai_analysis_duration_seconds_count{status="error",source="upload"}': failed
    }, name)
    const refusals = await service.samples('dynoai_log_refusals_total{source="upload"')
    t.strictSame(refusals, Object.fromEntries(REFUSAL_REASONS.map(reason =>
      [`dynoai_log_refusals_total{source="upload",reason="${reason}"}`, counts[reason] ?? 0])), name)
  }
  t.strictSame(REFUSAL_REASONS.filter(reason => counts[reason] === undefined), ['other'])
})

t.test('does not count an upload that its client gives up, and keeps no file of it', async t => {
  const directory = t.testdir()
  const service = await Service.start(t, { runs: { directory } })
  const [uploads = ''] = readdirSync(directory)
  const stored = () => readdirSync(join(directory, uploads)).length
  const socket = connect(service.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(`POST /api/analyze HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\ncontent-type: ${type}\r\n\r\n` +
    file(log))
  while (stored() === 0) await new Promise(setImmediate)
  socket.destroy()
  await once(socket, 'close')
  while (stored() > 0) await new Promise(setImmediate)
  t.match(await service.samples('dynoai_analysis_total{status="error"'), {
    'dynoai_analysis_total{status="error",source="upload"}': 0
  })
  t.equal((await service.upload(log)).status, 202)
})
