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

/** Sends a file over HTTP/2 to a server with this handler, the end of the form only if `closed`, until it answers. */
async function upload (t: Test, handler: Handler, length: number, closed: boolean) {
  const observed = promiseWithResolvers<number>()
  const watch = uploadWatcher(observed.resolve, 2)
  const app = Fastify({ http2: true })
  await app.register(multipart)
  // The types of a server of HTTP/2 differ in what nothing here looks at.
  app.addHook('onRequest', async (request, reply) => { watch(request as never, reply as never) })
  app.post('/', handler as never)
  app.server.on('session', session => t.teardown(() => session.destroy()))
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }))
  t.teardown(() => {
    session.destroy()
    // Not awaited, since it would wait for a stream that Node has forgotten.
    app.close()
  })
  const stream = session.request({ ':method': 'POST', ':path': '/', 'content-type': `multipart/form-data; boundary=${BOUNDARY}` })
  stream[closed ? 'end' : 'write'](formBody([filePart(length)], { closed }))
  await once(stream, 'response')
  return { stream, observed: observed.promise }
}

t.test('observes a file that comes over HTTP/2', async t => {
  const { stream, observed } = await upload(t, async request => (await (await request.file())?.toBuffer())?.length, 1000, true)
  stream.resume()
  t.equal(await observed, 1000)
})

t.test('observes what came of a file that nobody reads, when its client resets the stream without an error', async t => {
  const { stream, observed } = await upload(t, async (request, reply) => {
    await request.file()
    reply.hijack()
    reply.raw.writeHead(200)
    reply.raw.write('x')
  }, 100_000, false)
  stream.close()
  const bytes = await observed
  t.ok(bytes > 10_000 && bytes < 100_000, `${bytes} bytes`)
})
