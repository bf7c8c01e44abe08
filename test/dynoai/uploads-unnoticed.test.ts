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
import { waitForObservedFiles, createUploadApp, collectProcessWarnings } from '../fixtures/upload-case.js'

const complaints = collectProcessWarnings(t)

t.test('adds nothing that is enumerable, to the request and to its iterators', async t => {
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
  // The request metrics have state of their own on the request, under symbols.
  t.strictSame(keys.slice(0, 3), keys.slice(3))
})

const handlers: Record<string, (request: FastifyRequest) => Promise<void>> = {
  reads: async request => {
    for await (const part of request.files()) await part.toBuffer()
  },
  ignores: async request => { await request.file() },
  'reads on after its answer to': async request => {
    const { file } = (await request.file())!
    setImmediate(() => file.resume())
  },
  'never ends to read': async request => { (await request.file())!.file.on('data', () => {}).pause() }
}

t.test('leaves the listeners of a kept-alive socket as they are', async t => {
  const UPLOADS = 30
  for (const [does, handler] of Object.entries(handlers)) {
    const counts: Array<Record<string, number>> = []
    for (const measured of [true, false]) {
      // The request metrics listen to every connection; this is about the uploads.
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
        t.strictSame(await waitForObservedFiles(app, UPLOADS), { count: UPLOADS, sum: 100 * UPLOADS }, `an application that ${does} each file`)
      }
      client.disconnect()
      await app.close()
    }
    t.strictSame(counts[0], counts[1], `an application that ${does} each file`)
  }
})

t.test('observes files that come at the same time over several sockets', async t => {
  const app = await createUploadApp(t, true)
  app.post('/', handlers.reads!)
  const origin = await listen(app)
  const clients = await Promise.all(Array.from({ length: 8 }, async () => await UploadClient.connect(origin)))
  for (const [n, client] of clients.entries()) client.sendForm([filePart(100_000 + n), filePart(n)])
  t.strictSame(new Set(await Promise.all(clients.map(async client => await client.readResponse()))), new Set(['200 ']))
  for (const client of clients) client.disconnect()
  t.strictSame(await waitForObservedFiles(app, 16), { count: 16, sum: 800_056 })
})

t.test('holds nothing back: a client waits for the reader of its file', async t => {
  const MEGABYTES = 20
  const app = await createUploadApp(t, true)
  const start = new EventEmitter()
  const taken = once(start, 'taken')
  app.post('/', async request => {
    const part = (await request.file())!
    start.emit('taken', part)
    await once(start, 'go')
    let received = 0
    let held = 0
    await pipeline(part.file, new Writable({
      write (chunk, _encoding, done) {
        received += chunk.length
        held = Math.max(held, part.file.bytesRead - received)
        setImmediate(done)
      }
    }))
    return { received, little: held < 300_000 }
  })
  const origin = await listen(app)
  let connection: Socket | undefined
  app.server.once('connection', socket => { connection = socket })
  const client = await UploadClient.connect(origin)
  const body = formBody([filePart(MEGABYTES * 2 ** 20)])
  client.sendHead({ length: body.length })
  client.socket.write(body)
  const [part] = await taken as [MultipartFile]
  let before = -1
  while (connection!.bytesRead > before) { // until the server reads no more
    before = connection!.bytesRead
    await sleep(50)
  }
  t.ok(part.file.bytesRead < 300_000, 'no more is parsed than fits into the buffers')
  t.equal(part.file.readableFlowing, null, 'nobody has touched the file')
  t.ok(connection!.bytesRead < body.length / 2, 'the rest waits in the network and at the client')
  start.emit('go')
  t.strictSame(JSON.parse((await client.readResponse()).slice(4)), { received: MEGABYTES * 2 ** 20, little: true })
  client.disconnect()
  t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: MEGABYTES * 2 ** 20 })
})

t.test('passes each file on as the object that multipart made', async t => {
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

t.test('observes an upload that nobody reads and whose response waits behind an earlier one, when its client leaves', async t => {
  const app = await createUploadApp(t, true)
  app.get('/held', () => new Promise(() => {}))
  let handed = (): void => {}
  const taken = new Promise<void>(resolve => { handed = resolve })
  app.post('/', async request => {
    await request.file()
    handed()
  })
  const client = await UploadClient.connect(await listen(app))
  client.socket.write('GET /held HTTP/1.1\r\nHost: x\r\n\r\n')
  client.sendForm([filePart(100)])
  await taken
  client.disconnect()
  t.strictSame(await waitForObservedFiles(app, 1), { count: 1, sum: 100 })
})

t.test('rejects nothing unhandled, and warns of nothing', async t => { t.strictSame(complaints, []) })
