import { AsyncLocalStorage } from 'node:async_hooks'
import { METHODS } from 'node:http'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { isUpgrade } from '../../lib/http/connection.js'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { createFastify, listen } from '../fixtures/app.js'
import { assertIdle, readRequestCounts } from '../fixtures/request-counts.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { promiseWithResolvers } from '../fixtures/promise-with-resolvers.js'
import { startScenarioServer } from '../fixtures/scenarios/support/server.js'
import { waitForCounts } from '../fixtures/scenarios/support/scenario-counts.js'
import { requestText } from '../fixtures/scenarios/support/scenario.js'
import type { ServerKind } from '../fixtures/scenarios/support/scenario.js'
import { scenarios } from '../fixtures/scenarios/index.js'
import { HttpConnection } from '../fixtures/scenarios/support/http-connection.js'

// Each context stores the request for which it was opened.
const store = new AsyncLocalStorage<FastifyRequest>()

type Open = (request: FastifyRequest, done: () => void) => void

const OPENINGS: Readonly<Record<string, Open>> = {
  run: (request, done) => store.run(request, done),
  enterWith: (request, done) => {
    store.enterWith(request)
    done()
  }
}

/** The context in which a label of a request runs. */
function currentContext (request: FastifyRequest): string {
  const stored = store.getStore()
  if (stored === undefined) return 'none'
  return stored === request ? 'same' : `that of ${stored.method} ${stored.url}`
}

for (const [name, open] of Object.entries(OPENINGS)) {
  for (const order of ['before', 'after'] as const) {
    t.test(`runs labels in the context of their request in every scenario: ${name}, ${order} the plugin`, async t => {
      for (const kind of new Set(scenarios.map(({ server }) => server))) {
        t.strictSame(await runAll(t, { kind, order, open }), [], kind)
      }
    })
  }
}

interface ContextCase {
  readonly kind: ServerKind
  readonly order: 'before' | 'after'
  readonly open: Open
}

/** Runs all scenarios of a server, 10 at a time, and returns the requests with labels that ran in another context. */
async function runAll (t: Test, { kind, order, open }: ContextCase): Promise<string[]> {
  const wrong: string[] = []
  let correct = 0
  const label = (request: FastifyRequest): string => {
    const context = currentContext(request)
    // No context was opened when an earlier hook has responded. Nor for a method that Node does not know: Fastify runs
    // no onRequest hook for it.
    const isEarly = order === 'after' && request.headers['x-early'] !== undefined
    const isOpened = !isEarly && METHODS.includes(request.method)
    if (context === 'same') correct++
    else if (isOpened) wrong.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}: ${context}`)
    return context
  }
  const server = await startScenarioServer(kind, {
    plugin: { requests: { labels: { label } } },
    [order]: (fastify: FastifyInstance) => fastify.addHook('onRequest', (request, _reply, done) => open(request, done))
  })
  t.teardown(server.close)
  const selected = scenarios.filter(scenario => scenario.server === kind)
  const queue = [...selected]
  await Promise.all(Array.from({ length: 10 }, async () => {
    for (let scenario = queue.pop(); scenario; scenario = queue.pop()) await scenario.run(server)
  }))
  await waitForCounts(server.fastify, selected.reduce((sum, { counted }) => sum + counted.length, 0))
  t.ok(correct > selected.length / 2)
  return wrong
}

interface TestServer {
  readonly fastify: FastifyInstance
  readonly origin: string
  /** Resolves when the handler of `/wait` runs. */
  readonly waiting: Promise<void>
}

const openIn = (open: Open) => (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
  open(request, done)
}
const openBeforeBody = (open: Open) =>
  (request: FastifyRequest, _reply: FastifyReply, _payload: unknown, done: () => void): void => { open(request, done) }

type AddHook = (fastify: FastifyInstance, open: Open) => RouteShorthandOptions

/** The hooks in which the application may open a context, after the hooks of this plugin. */
const HOOKS: Readonly<Record<string, AddHook>> = {
  onRequest: (fastify, open) => { fastify.addHook('onRequest', openIn(open)); return {} },
  preParsing: (fastify, open) => { fastify.addHook('preParsing', openBeforeBody(open)); return {} },
  preValidation: (fastify, open) => { fastify.addHook('preValidation', openIn(open)); return {} },
  preHandler: (fastify, open) => { fastify.addHook('preHandler', openIn(open)); return {} },
  'onRequest of the route': (_fastify, open) => ({ onRequest: openIn(open) }),
  'preValidation of the route': (_fastify, open) => ({ preValidation: [openIn(open)] }),
  'preHandler of the route': (_fastify, open) => ({ preHandler: openIn(open) })
}

/** Sends one request and waits until it has ended for the client. */
const OUTCOMES: Readonly<Record<string, (server: TestServer) => Promise<void>>> = {
  response: async ({ origin }) => { await fetch(`${origin}/ok`) },
  'response after a body': async ({ origin }) => { await fetch(`${origin}/ok`, { method: 'POST', body: 'x' }) },
  'response to HEAD': async ({ origin }) => { await fetch(`${origin}/ok`, { method: 'HEAD' }) },
  error: async ({ origin }) => { await fetch(`${origin}/fails`) },
  disconnected: async server => await sendAndDisconnect(server, 'GET'),
  'disconnected after a body': async server => await sendAndDisconnect(server, 'POST'),
  'aborted by inject': async ({ fastify, waiting }) => {
    const abort = new AbortController()
    const injected = fastify.inject({ url: '/wait', signal: abort.signal })
    await waiting
    abort.abort()
    await injected.catch(() => {})
  }
}

async function sendAndDisconnect ({ origin, waiting }: TestServer, method: string): Promise<void> {
  const connection = await HttpConnection.open(origin)
  connection.send(requestText(method, '/wait', method === 'POST' ? { body: 'x' } : {}))
  await waiting
  await connection.disconnect()
}

t.test('runs labels in the context of a later preParsing hook when the client disconnects within the body', async t => {
  const fastify = await createLabelled(t)
  const reached = promiseWithResolvers()
  fastify.addHook('preParsing', openBeforeBody((request, done) => {
    reached.resolve()
    store.run(request, done)
  }))
  fastify.post('/', async () => 'ok')
  const connection = await HttpConnection.open(await listen(fastify))
  const headers = { 'content-length': '100', 'content-type': 'text/plain' }
  connection.send(requestText('POST', '/', { headers, rest: 'half' }))
  await reached.promise
  await connection.disconnect()
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'POST / 499 label="same"': 1 })
})

for (const [hook, addHook] of Object.entries(HOOKS)) {
  for (const [openingName, open] of Object.entries(OPENINGS)) {
    t.test(`runs labels in a context that is opened in ${hook} with ${openingName}`, async t => {
      for (const [outcome, run] of Object.entries(OUTCOMES)) {
        const fastify = await createLabelled(t)
        const { promise: waiting, resolve } = promiseWithResolvers()
        const options = addHook(fastify, open)
        fastify.route({ ...options, method: ['GET', 'POST'], url: '/ok', handler: async () => 'ok' })
        fastify.get('/fails', options, async () => { throw new Error('boom') })
        fastify.route({ ...options, method: ['GET', 'POST'], url: '/wait', handler: () => resolve() })
        await run({ fastify, origin: await listen(fastify), waiting })
        await assertIdle(t, fastify, 1)
        t.match(Object.keys(await readRequestCounts(fastify)), [/ label="same"$/], outcome)
      }
    })
  }
}

/** Creates an instance with a label that names the context in which it runs. */
async function createLabelled (t: Test): Promise<FastifyInstance> {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label: currentContext } } })
  return fastify
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ=='
}

t.test('runs labels in the context of an earlier hook when the client disconnects during a later one', async t => {
  for (const texts of [
    [requestText('GET', '/')],
    [requestText('POST', '/', { body: 'x' })],
    [requestText('GET', '/'), requestText('GET', '/')],
    [requestText('GET', '/', { headers: UPGRADE })]
  ]) {
    const fastify = createFastify(t)
    fastify.addHook('onRequest', openIn((request, done) => store.run(request, done)))
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label: currentContext } } })
    await fastify.register(websocket)
    const reached = promiseWithResolvers()
    let hooks = 0
    fastify.addHook('onRequest', (request: FastifyRequest, _reply: FastifyReply, _done: () => void) => {
      // Nothing reads from the socket of an upgrade yet, so Node does not detect that its client disconnects.
      if (isUpgrade(request)) request.raw.socket.destroy()
      if (++hooks === texts.length) reached.resolve()
    })
    fastify.route({ method: ['GET', 'POST'], url: '/', handler: async () => 'ok' })
    const connection = await HttpConnection.open(await listen(fastify))
    connection.send(texts.join(''))
    await reached.promise
    await connection.disconnect()
    await assertIdle(t, fastify, texts.length)
    t.match(Object.keys(await readRequestCounts(fastify)), [/^(GET|POST) \/ 499 label="same"$/], texts.join(''))
  }
})

t.test('runs labels in the context that a hook opens before another hook responds', async t => {
  const fastify = await createLabelled(t)
  for (const hook of ['onRequest', 'preValidation', 'preHandler'] as const) {
    fastify.register(async scope => {
      scope.addHook(hook, openIn((request, done) => store.run(request, done)))
      scope.addHook(hook, (_request, reply) => { reply.code(401).send('no') })
      scope.get('/', async () => 'ok')
    }, { prefix: `/${hook}` })
  }
  const origin = await listen(fastify)
  for (const hook of ['onRequest', 'preValidation', 'preHandler']) await fetch(`${origin}/${hook}`)
  await assertIdle(t, fastify, 3)
  t.strictSame(await readRequestCounts(fastify), {
    'GET /onRequest 401 label="same"': 1,
    'GET /preValidation 401 label="same"': 1,
    'GET /preHandler 401 label="same"': 1
  })
})

t.test('runs labels of an unmatched request in the context that a hook opens', async t => {
  const fastify = await createLabelled(t)
  fastify.addHook('preValidation', openIn((request, done) => store.run(request, done)))
  await fastify.inject('/nowhere')
  t.strictSame(await readRequestCounts(fastify), { 'GET __unmatched__ 404 label="same"': 1 })
})

t.test('runs labels of a route declared before the plugin in the context that its hooks open', async t => {
  const fastify = createFastify(t)
  fastify.addHook('preHandler', openIn((request, done) => store.run(request, done)))
  fastify.get('/before', { preHandler: (_request, _reply, done) => done() }, async () => 'ok')
  fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label: currentContext } } })
  await fastify.inject('/before')
  t.strictSame(await readRequestCounts(fastify), { 'GET /before 200 label="same"': 1 })
})

t.test('runs labels in the context of a request when another request sends its response', async t => {
  const fastify = await createLabelled(t)
  fastify.addHook('onRequest', openIn((request, done) => store.run(request, done)))
  const waiting = promiseWithResolvers()
  let release = (): void => {}
  fastify.get('/wait', (_request, reply) => {
    release = () => { reply.send('released') }
    waiting.resolve()
  })
  fastify.get('/release', async () => release())
  const origin = await listen(fastify)
  const waits = fetch(`${origin}/wait`)
  await waiting.promise
  await fetch(`${origin}/release`)
  await waits
  await assertIdle(t, fastify, 2)
  t.strictSame(await readRequestCounts(fastify), {
    'GET /release 200 label="same"': 1, 'GET /wait 200 label="same"': 1
  })
})

t.test('logs the failure of a label in the context of its request', async t => {
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger: { ...logger, mixin: () => ({ of: store.getStore()?.url }) } })
  const label = (): never => { throw new Error('boom') }
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label } } })
  fastify.addHook('onRequest', openIn((request, done) => store.run(request, done)))
  const reached = [promiseWithResolvers(), promiseWithResolvers()]
  fastify.post<{ Params: { i: number } }>('/wait/:i', request => { reached[request.params.i]?.resolve() })
  const connection = await HttpConnection.open(await listen(fastify))
  connection.send(requestText('POST', '/wait/0', { body: 'x' }) + requestText('POST', '/wait/1', { body: 'x' }))
  await Promise.all(reached.map(({ promise }) => promise))
  await connection.disconnect()
  await assertIdle(t, fastify, 2)
  t.match(lines, [{ msg: /'label' of a request failed/, of: '/wait/0' }])
})

t.test('captures a context only for counted requests, and releases it when they end', async t => {
  const fastify = createFastify(t)
  const requests = { labels: { label: currentContext }, ignore: '/ignored' }
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests })
  const captured = (request: FastifyRequest): unknown => {
    const symbols = Object.getOwnPropertySymbols(request)
    const symbol = symbols.find(({ description }) => description === 'dynoai-metrics.context')
    return symbol && Reflect.get(request, symbol)
  }
  const ended: FastifyRequest[] = []
  const inHandler: Record<string, boolean> = {}
  const handler = async (request: FastifyRequest): Promise<void> => {
    ended.push(request)
    inHandler[request.url] = captured(request) !== undefined
  }
  fastify.get('/counted', handler)
  fastify.get('/ignored', handler)
  fastify.get('/off', { config: { metrics: false } }, handler)
  for (const url of ['/counted', '/ignored', '/off']) await fastify.inject(url)
  await assertIdle(t, fastify, 1)
  t.strictSame(inHandler, { '/counted': true, '/ignored': false, '/off': false })
  t.strictSame(ended.map(captured), [null, undefined, undefined])
})

t.test('adds no context hook without application labels', async t => {
  const fastify = createFastify(t)
  const hooks: string[] = []
  const { addHook } = fastify
  t.intercept(fastify, 'addHook', {
    value (this: FastifyInstance, name: string, hook: () => void) {
      hooks.push(name)
      return Reflect.apply(addHook, this, [name, hook])
    }
  })
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false })
  t.strictSame(hooks.filter(name => ['preParsing', 'preHandler', 'onSend'].includes(name)), [])
  t.ok(hooks.includes('onRequest'))
})
