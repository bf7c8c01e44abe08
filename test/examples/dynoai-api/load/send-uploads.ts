// `node send-uploads.js URL COUNT BYTES` sends logs without a usable row at once. It prints `begins`, then `sent`
// when all bytes have left, and then the statuses as JSON.
import { once } from 'node:events'
import { request } from 'node:http'
import { generateLog } from '../../../../examples/dynoai-api/demo/generate-log.js'

const [url = '', count = '', bytes = ''] = process.argv.slice(2)
const log = generateLog({ rows: 5000 })
// An idling engine: the complete log is read in search of a usable row.
const idling = log.replaceAll(/(?<=\n(?:[\d.]+,){3})[\d.]+/g, '0.5')
const text = idling + idling.slice(idling.indexOf('\n') + 1).repeat(Math.ceil(Number(bytes) / idling.length))
const body = Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="idling.csv"\r\n\r\n' +
  `${text.slice(0, text.lastIndexOf('\n', Number(bytes)) + 1)}\r\n--x--\r\n`)
const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': body.length }

console.log('begins')
const uploads = Array.from({ length: Number(count) }, () => {
  const upload = request(url, { method: 'POST', headers, agent: false })
  const answered = once(upload, 'response').then(async ([response]) => {
    await once(response.resume(), 'end')
    return response.statusCode as number
  })
  return { sent: new Promise<void>(resolve => { upload.end(body, resolve) }), answered }
})
await Promise.all(uploads.map(({ sent }) => sent))
console.log('sent')
console.log(JSON.stringify(await Promise.all(uploads.map(({ answered }) => answered))))
