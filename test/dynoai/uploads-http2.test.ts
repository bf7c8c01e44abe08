import { once } from 'node:events'
import { connect } from 'node:http2'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { uploadWatcher } from '../../lib/dynoai/uploads.js'
import { BOUNDARY, filePart, formBody } from '../fixtures/multipart-client.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** Starts a server with this handler, sends it a file over HTTP/2, and the end of the form if `closed`. */
async function upload (t: Test, handler: Handler, length: number, closed: boolean) {
  const observed = promiseWithResolvers<number>()
  const watch = uploadWatcher(observed.resolve, 2)
  const app = Fastify({ http2: true })
  await app.register(multipart)
  // The types of an HTTP/2 server differ only in properties that this test does not use.
  app.addHook('onRequest', async (request, reply) => { watch(request as never, reply as never) })
  app.post('/', handler as never)
  app.server.on('session', session => t.teardown(() => session.destroy()))
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }))
  t.teardown(() => {
    session.destroy()
    // Not awaited, since it waits for a stream that nghttp2 has dropped.
    app.close(() => {})
  })
  const type = `multipart/form-data; boundary=${BOUNDARY}`
  const stream = session.request({ ':method': 'POST', ':path': '/', 'content-type': type })
  stream[closed ? 'end' : 'write'](formBody([filePart(length)], { closed }))
  await once(stream, 'response')
  return { stream, observed: observed.promise }
}

t.test('observes a file that is sent over HTTP/2', async t => {
  const readLength: Handler = async request => (await (await request.file())?.toBuffer())?.length
  const { stream, observed } = await upload(t, readLength, 1000, true)
  stream.resume()
  t.equal(await observed, 1000)
})

t.test('observes the received bytes of an unread file whose client resets the stream without an error', async t => {
  const respondWithoutEnd: Handler = async (request, reply) => {
    await request.file()
    reply.hijack()
    reply.raw.writeHead(200)
    reply.raw.write('x')
  }
  const { stream, observed } = await upload(t, respondWithoutEnd, 100_000, false)
  stream.close()
  const bytes = await observed
  t.ok(bytes > 10_000 && bytes < 100_000, `${bytes} bytes`)
})
