import { EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { listen } from '../fixtures/app.js'
import { createBytes, filePart, formBody, UploadClient } from '../fixtures/multipart-client.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { waitForObservedFiles, createUploadApp, collectProcessWarnings } from '../fixtures/upload-case.js'

const warnings = collectProcessWarnings(t)

t.test('adds only non-enumerable properties to the request and its iterators', async t => {
  const keys: string[][] = []
  for (const measured of [true, false]) {
    const app = await createUploadApp(t, measured)
    app.post('/', async request => {
      const parts = request.parts()
      const files = request.files()
      keys.push(Object.keys(request), Object.keys(parts), Object.keys(files))
      t.equal(Object.hasOwn(request, 'parts'), measured)
      for (const name of ['parts', 'files', 'file']) t.notOk(Object.keys({ ...request }).includes(name))
    })
    const client = await UploadClient.connect(await listen(app))
    client.sendForm([filePart(10)])
    await client.readResponse()
    client.disconnect()
  }
  // The request metrics keep their state on the request under symbols.
  t.strictSame(keys.slice(0, 3), keys.slice(3))
})

const handlers: Record<string, (request: FastifyRequest) => Promise<void>> = {
  reads: async request => {
    for await (const part of request.files()) await part.toBuffer()
  },
  ignores: async request => { await request.file() },
  'reads after the response': async request => {
    const { file } = (await request.file())!
    setImmediate(() => file.resume())
  },
  'never finishes reading': async request => { (await request.file())!.file.on('data', () => {}).pause() }
}

t.test('leaves no listeners on a kept-alive socket', async t => {
  const UPLOADS = 30
  for (const [behaviour, handler] of Object.entries(handlers)) {
    const counts: Array<Record<string, number>> = []
    for (const measured of [true, false]) {
      // The request metrics add listeners to every connection, so both applications have them.
      const app = await createUploadApp(t, true, {}, { uploads: measured })
      app.post('/', handler)
      const listening = listen(app)
      let socket: Socket | undefined
      app.server.once('connection', connection => { socket = connection })
      const client = await UploadClient.connect(await listening)
      for (let n = 0; n < UPLOADS; n++) {
        client.sendForm([filePart(100)])
        await client.readResponse()
      }
      counts.push(Object.fromEntries(socket!.eventNames().map(name => [String(name), socket!.listenerCount(name)])))
      if (measured) {
        const observed = await waitForObservedFiles(app, UPLOADS)
        t.strictSame(observed, { count: UPLOADS, sum: 100 * UPLOADS }, `a handler that ${behaviour}`)
      }
      client.disconnect()
      await app.close()
    }
    t.strictSame(counts[0], counts[1], `a handler that ${behaviour}`)
  }
})

t.test('observes files that arrive at the same time over several sockets', async t => {
  const app = await createUploadApp(t, true)
  app.post('/', handlers.reads!)
  const origin = await listen(app)
  const clients = await Promise.all(Array.from({ length: 8 }, async () => await UploadClient.connect(origin)))
  for (const [n, client] of clients.entries()) client.sendForm([filePart(100_000 + n), filePart(n)])
  t.strictSame(new Set(await Promise.all(clients.map(async client => await client.readResponse()))), new Set(['200 ']))
  for (const client of clients) client.disconnect()
  t.strictSame(await waitForObservedFiles(app, 16), { count: 16, sum: 800_056 })
})

t.test('keeps backpressure: a client waits for the reader of its file', async t => {
  const MEGABYTES = 20
  const app = await createUploadApp(t, true)
  const events = new EventEmitter()
  const fileReceived = once(events, 'file')
  app.post('/', async request => {
    const part = (await request.file())!
    events.emit('file', part)
    await once(events, 'read')
    let received = 0
    let maxBuffered = 0
    await pipeline(part.file, new Writable({
      write (chunk, _encoding, done) {
        received += chunk.length
        maxBuffered = Math.max(maxBuffered, part.file.bytesRead - received)
        setImmediate(done)
      }
    }))
    return { received, isBounded: maxBuffered < 300_000 }
  })
  const origin = await listen(app)
  let connection: Socket | undefined
  app.server.once('connection', socket => { connection = socket })
  const client = await UploadClient.connect(origin)
  const body = formBody([filePart(MEGABYTES * 2 ** 20)])
  client.sendHead({ length: body.length })
  client.socket.write(body)
  const [part] = await fileReceived as [MultipartFile]
  let before = -1
  while (connection!.bytesRead > before) { // until the server stops reading
    before = connection!.bytesRead
    await sleep(50)
  }
  t.ok(part.file.bytesRead < 300_000, 'parses no more than the buffers can store')
  t.equal(part.file.readableFlowing, null, 'no reader was added to the file')
  t.ok(connection!.bytesRead < body.length / 2, 'the rest waits in the network and at the client')
  events.emit('read')
  t.strictSame(JSON.parse((await client.readResponse()).slice(4)), { received: MEGABYTES * 2 ** 20, isBounded: true })
  client.disconnect()
  t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: MEGABYTES * 2 ** 20 })
})

t.test('passes each file to the application as the object that multipart created', async t => {
  const app = await createUploadApp(t, true)
  app.post('/', async request => {
    const part = (await request.file())!
    t.equal(part.fields.log, part)
    t.equal(part.file.listenerCount('data') + part.file.listenerCount('readable'), 0)
    t.ok((await part.toBuffer()).equals(createBytes(100)))
  })
  const client = await UploadClient.connect(await listen(app))
  client.sendForm([filePart(100)])
  t.equal(await client.readResponse(), '200 ')
  client.disconnect()
})

t.test('observes an unread upload whose response is still queued when its client disconnects', async t => {
  const app = await createUploadApp(t, true)
  app.get('/pending', () => new Promise(() => {}))
  const { promise: received, resolve: notify } = promiseWithResolvers()
  app.post('/', async request => {
    await request.file()
    notify()
  })
  const client = await UploadClient.connect(await listen(app))
  client.socket.write('GET /pending HTTP/1.1\r\nHost: x\r\n\r\n')
  client.sendForm([filePart(100)])
  await received
  client.disconnect()
  t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: 100 })
})

t.test('causes no unhandled rejection and no warning', async t => { t.strictSame(warnings, []) })
