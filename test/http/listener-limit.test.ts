import { EventEmitter, once } from 'node:events'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply } from 'fastify'
import t from 'tap'
import { raiseListenerLimit, lowerListenerLimit } from '../../lib/http/listener-limit.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import type { SentRequest } from '../fixtures/transports.js'

t.test('raises the limit of an emitter by one, and takes it back', async t => {
  for (const [limit, raised, lowered] of [[10, 11, 10], [1, 2, 1], [Infinity, Infinity, Infinity], [0, 0, 0]] as const) {
    const emitter = new EventEmitter().setMaxListeners(limit)
    raiseListenerLimit(emitter)
    t.equal(emitter.getMaxListeners(), raised)
    lowerListenerLimit(emitter)
    t.equal(emitter.getMaxListeners(), lowered)
  }
  const changed = new EventEmitter()
  raiseListenerLimit(changed)
  changed.setMaxListeners(1)
  lowerListenerLimit(changed)
  t.equal(changed.getMaxListeners(), 1, 'but never to 0, which is no limit')
})

const REQUESTS: Readonly<Record<string, SentRequest>> = {
  '/': {},
  '/metrics': {},
  '/upload': { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } }
}

/** Adds routes, and calls `seen` with each response before it is sent. */
function addRoutes (fastify: FastifyInstance, seen: (response: FastifyReply['raw']) => void): void {
  fastify.register(multipart)
  fastify.addHook('preHandler', async (_request, reply) => { seen(reply.raw) })
  fastify.get('/', async () => 'hello')
  fastify.post('/upload', async () => 'hello')
}

t.test('warns of no listener of ours, and of one too many of the application', async t => {
  const warnings: Error[] = []
  const warned = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  for (const transport of TRANSPORTS) {
    for (const [url, sent] of Object.entries(REQUESTS)) {
      // How many a response has where this plugin is not.
      let others = 0
      const without = await startServer(t, transport, { plugin: null, after: fastify => { addRoutes(fastify, response => { others = response.listenerCount('close') }) } })
      await without.send(url, sent)
      for (const over of [0, 1]) {
        const { send } = await startServer(t, transport, {
          after: fastify => {
            addRoutes(fastify, response => { for (let i = others; i < 10 + over; i++) response.on('close', () => {}) })
          }
        })
        warnings.length = 0
        t.equal(await send(url, sent), 200, `${transport} ${url}`)
        // Warnings come in the order in which they are emitted.
        process.emitWarning('last')
        while (warnings.at(-1)?.message !== 'last') await once(process, 'warning')
        t.equal(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning').length, over, `${transport} ${url} ${over}`)
      }
    }
  }
})
