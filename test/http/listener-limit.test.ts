import { EventEmitter, once } from 'node:events'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply } from 'fastify'
import t from 'tap'
import { raiseListenerLimit, lowerListenerLimit } from '../../lib/http/listener-limit.js'
import { startServer, TRANSPORTS } from '../fixtures/transports.js'
import type { SentRequest } from '../fixtures/transports.js'

t.test('raises the limit of an emitter by one, and lowers it again', async t => {
  const cases = [[10, 11, 10], [1, 2, 1], [Infinity, Infinity, Infinity], [0, 0, 0]] as const
  for (const [limit, raised, lowered] of cases) {
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
  t.equal(changed.getMaxListeners(), 1, 'never lowers it to 0, which means no limit')
})

const REQUESTS: Readonly<Record<string, SentRequest>> = {
  '/': {},
  '/metrics': {},
  '/upload': { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } }
}

/** Adds routes, and calls `onResponse` with each response before it is sent. */
function addRoutes (fastify: FastifyInstance, onResponse: (response: FastifyReply['raw']) => void): void {
  fastify.register(multipart)
  fastify.addHook('preHandler', async (_request, reply) => { onResponse(reply.raw) })
  fastify.get('/', async () => 'hello')
  fastify.post('/upload', async () => 'hello')
}

t.test('causes no warning by its listeners, and one when the application adds one too many', async t => {
  const warnings: Error[] = []
  const collectWarning = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', collectWarning)
  t.teardown(() => process.off('warning', collectWarning))
  for (const transport of TRANSPORTS) {
    for (const [url, sent] of Object.entries(REQUESTS)) {
      // The number of listeners that a response has without this plugin.
      let others = 0
      const unmeasured = await startServer(t, transport, {
        plugin: null,
        after: fastify => { addRoutes(fastify, response => { others = response.listenerCount('close') }) }
      })
      await unmeasured.send(url, sent)
      for (const excess of [0, 1]) {
        const addListeners = (response: FastifyReply['raw']): void => {
          for (let i = others; i < 10 + excess; i++) response.on('close', () => {})
        }
        const { send } = await startServer(t, transport, { after: fastify => { addRoutes(fastify, addListeners) } })
        warnings.length = 0
        t.equal(await send(url, sent), 200, `${transport} ${url}`)
        // Node emits warnings in order.
        process.emitWarning('last')
        while (warnings.at(-1)?.message !== 'last') await once(process, 'warning')
        const exceeded = warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')
        t.equal(exceeded.length, excess, `${transport} ${url} ${excess}`)
      }
    }
  }
})
