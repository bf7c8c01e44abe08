import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import { sentStatus } from '../../lib/http/status.js'

const response = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()))

t.test('every code of Node has its own message, so a changed code is detected', async t => {
  t.equal(new Set(Object.values(STATUS_CODES)).size, Object.keys(STATUS_CODES).length)
})

t.test('returns the status in the head for every code, whatever is set afterwards', async t => {
  for (let code = 100; code < 1000; code++) {
    const sent = response().writeHead(code)
    if (sentStatus(sent) !== code) t.fail(`${code}`)
    for (const other of [200, 204, 404, 500, 599, 999]) {
      sent.statusCode = other
      if (sentStatus(sent) !== code) t.fail(`${code}, then ${other}`)
    }
  }
})

for (const value of [undefined, '200', '500', 'nonsense', NaN, -1, 1e9]) {
  t.test(`returns the number in the head when ${JSON.stringify(value)} is set afterwards`, async t => {
    const sent = response().writeHead(200)
    sent.statusCode = value as never
    t.equal(sentStatus(sent), 200)
  })
}

t.test('returns the status in the head when the message was removed', async t => {
  for (const code of [500, 599, 999, 1e9]) {
    const sent = response().writeHead(200)
    Object.assign(sent, { statusCode: code, statusMessage: undefined })
    t.equal(sentStatus(sent), 200)
  }
})

t.test('returns the status that will be sent when no head was sent yet', async t => {
  const unsent = response()
  t.equal(sentStatus(unsent), 200)
  unsent.statusCode = 404
  t.equal(sentStatus(unsent), 404)
})

t.test('returns the code when a response has no readable head, as a response not created by Node', async t => {
  t.equal(sentStatus({ statusCode: 404 } as ServerResponse), 404)
  t.equal(sentStatus({ statusCode: 404, _header: true } as unknown as ServerResponse), 404)
  t.equal(sentStatus({ statusCode: 404, _header: 'nonsense' } as unknown as ServerResponse), 404)
})

t.test('returns the status in the headers of an HTTP/2 stream, without reading its message', async t => {
  const of = (stream: object): number => sentStatus({
    statusCode: 200,
    get statusMessage () { return t.fail('Node warns of this') },
    stream
  } as unknown as ServerResponse)
  t.equal(of({ sentHeaders: { ':status': 404 } }), 404)
  t.equal(of({ sentHeaders: { ':status': '404' } }), 404)
  t.equal(of({ sentHeaders: undefined }), 200)
})
