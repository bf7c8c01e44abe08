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

// The store of every context is the request that it is of.
const store = new AsyncLocalStorage<FastifyRequest>()

type Open = (request: FastifyRequest, done: () => void) => void

const OPENINGS: Readonly<Record<string, Open>> = {
  run: (request, done) => store.run(request, done),
  enterWith: (request, done) => {
    store.enterWith(request)
    done()
  }
}

/** Whose context it is in which a label of a request runs. */
function whose (request: FastifyRequest): string {
  const opened = store.getStore()
  return opened === request ? 'own' : opened === undefined ? 'none' : `that of ${opened.method} ${opened.url}`
}

for (const [name, open] of Object.entries(OPENINGS)) {
  for (const index of ['before', 'after'] as const) {
    t.test(`runs labels in the context of their request whatever its end: ${name}, ${index} the plugin`, async t => {
      for (const kind of new Set(scenarios.map(({ server }) => server))) {
        t.strictSame(await playAll(t, kind, index, open), [], kind)
      }
    })
  }
}

/** Runs every fate of a server, some at a time, and gives the requests whose labels ran elsewhere. */
async function playAll (t: Test, kind: ServerKind, index: 'before' | 'after', open: Open): Promise<string[]> {
  const wrong: string[] = []
  let own = 0
  const label = (request: FastifyRequest): string => {
    const context = whose(request)
    // Where a hook before the one that opens the context has answered, there is none, nor for a method that Node does not
    // know, for which Fastify runs no onRequest hook.
    const isOpened = (index === 'before' || request.headers['x-early'] === undefined) && METHODS.includes(request.method)
    if (context === 'own') own++
    else if (isOpened) wrong.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}: ${context}`)
    return context
  }
  const server = await startScenarioServer(kind, {
    plugin: { requests: { labels: { label } } },
    [index]: (fastify: FastifyInstance) => fastify.addHook('onRequest', (request, _reply, done) => open(request, done))
  })
  t.teardown(server.close)
  const played = scenarios.filter(fate => fate.server === kind)
  const script = [...played]
  await Promise.all(Array.from({ length: 10 }, async () => {
    for (let fate = script.pop(); fate; fate = script.pop()) await fate.run(server)
  }))
  await waitForCounts(server.fastify, played.reduce((sum, { counted }) => sum + counted.length, 0))
  t.ok(own > played.length / 2)
  return wrong
}

interface Scene {
  readonly fastify: FastifyInstance
  readonly origin: string
  /** Resolves when a request waits in its handler. */
  readonly waiting: Promise<void>
}

const opened = (open: Open) => (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
  open(request, done)
}
const openedBeforeBody = (open: Open) =>
  (request: FastifyRequest, _reply: FastifyReply, _payload: unknown, done: () => void): void => { open(request, done) }

/** Where the application may open a context, after the hooks of this plugin. */
const PLACES: Readonly<Record<string, (fastify: FastifyInstance, open: Open) => RouteShorthandOptions>> = {
  onRequest: (fastify, open) => { fastify.addHook('onRequest', opened(open)); return {} },
  preParsing: (fastify, open) => { fastify.addHook('preParsing', openedBeforeBody(open)); return {} },
  preValidation: (fastify, open) => { fastify.addHook('preValidation', opened(open)); return {} },
  preHandler: (fastify, open) => { fastify.addHook('preHandler', opened(open)); return {} },
  'onRequest of the route': (_fastify, open) => ({ onRequest: opened(open) }),
  'preValidation of the route': (_fastify, open) => ({ preValidation: [opened(open)] }),
  'preHandler of the route': (_fastify, open) => ({ preHandler: opened(open) })
}

/** Sends one request and waits until it is over for the client. */
const ENDINGS: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  countResponse: async ({ origin }) => { await fetch(`${origin}/ok`) },
  'answered after a body': async ({ origin }) => { await fetch(`${origin}/ok`, { method: 'POST', body: 'x' }) },
  'HEAD answered': async ({ origin }) => { await fetch(`${origin}/ok`, { method: 'HEAD' }) },
  failed: async ({ origin }) => { await fetch(`${origin}/fails`) },
  left: async scene => await leave(scene, 'GET'),
  'left after a body': async scene => await leave(scene, 'POST'),
  'aborted by inject': async ({ fastify, waiting }) => {
    const abort = new AbortController()
    const injected = fastify.inject({ url: '/wait', signal: abort.signal })
    await waiting
    abort.abort()
    await injected.catch(() => {})
  }
}

async function leave ({ origin, waiting }: Scene, method: string): Promise<void> {
  const wire = await HttpConnection.open(origin)
  wire.send(requestText(method, '/wait', method === 'POST' ? { body: 'x' } : {}))
  await waiting
  await wire.disconnect()
}

t.test('runs labels in the context of a later preParsing hook when the client leaves within the body', async t => {
  const fastify = await labelled(t)
  const reached = promiseWithResolvers()
  fastify.addHook('preParsing', openedBeforeBody((request, done) => {
    reached.resolve()
    store.run(request, done)
  }))
  fastify.post('/', async () => 'ok')
  const wire = await HttpConnection.open(await listen(fastify))
  const headers = { 'content-length': '100', 'content-type': 'text/plain' }
  wire.send(requestText('POST', '/', { headers, rest: 'half' }))
  await reached.promise
  await wire.disconnect()
  await assertIdle(t, fastify, 1)
  t.strictSame(await readRequestCounts(fastify), { 'POST / 499 label="own"': 1 })
})

for (const [placeName, index] of Object.entries(PLACES)) {
  for (const [openingName, open] of Object.entries(OPENINGS)) {
    t.test(`runs labels in a context that is opened in ${placeName} with ${openingName}`, async t => {
      for (const [ending, end] of Object.entries(ENDINGS)) {
        const fastify = await labelled(t)
        const { promise: waiting, resolve } = promiseWithResolvers()
        const options = index(fastify, open)
        fastify.route({ ...options, method: ['GET', 'POST'], url: '/ok', handler: async () => 'ok' })
        fastify.get('/fails', options, async () => { throw new Error('boom') })
        fastify.route({ ...options, method: ['GET', 'POST'], url: '/wait', handler: () => resolve() })
        await end({ fastify, origin: await listen(fastify), waiting })
        await assertIdle(t, fastify, 1)
        t.match(Object.keys(await readRequestCounts(fastify)), [/ label="own"$/], ending)
      }
    })
  }
}

/** An instance whose requests have a label that says in whose context it runs. */
async function labelled (t: Test): Promise<FastifyInstance> {
  const fastify = createFastify(t)
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label: whose } } })
  return fastify
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ=='
}

t.test('runs labels of a request that is left during a hook in the context that an earlier hook opened', async t => {
  for (const texts of [
    [requestText('GET', '/')],
    [requestText('POST', '/', { body: 'x' })],
    [requestText('GET', '/'), requestText('GET', '/')],
    [requestText('GET', '/', { headers: UPGRADE })]
  ]) {
    const fastify = createFastify(t)
    fastify.addHook('onRequest', opened((request, done) => store.run(request, done)))
    await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label: whose } } })
    await fastify.register(websocket)
    const reached = promiseWithResolvers()
    let hooks = 0
    fastify.addHook('onRequest', (request: FastifyRequest, _reply: FastifyReply, _done: () => void) => {
      // Nobody reads from the socket of an upgrade yet, so that Node does not see its client leave.
      if (isUpgrade(request)) request.raw.socket.destroy()
      if (++hooks === texts.length) reached.resolve()
    })
    fastify.route({ method: ['GET', 'POST'], url: '/', handler: async () => 'ok' })
    const wire = await HttpConnection.open(await listen(fastify))
    wire.send(texts.join(''))
    await reached.promise
    await wire.disconnect()
    await assertIdle(t, fastify, texts.length)
    t.match(Object.keys(await readRequestCounts(fastify)), [/^(GET|POST) \/ 499 label="own"$/], texts.join(''))
  }
})

t.test('runs labels in the context that a hook has opened before another answers', async t => {
  const fastify = await labelled(t)
  for (const hook of ['onRequest', 'preValidation', 'preHandler'] as const) {
    fastify.register(async scope => {
      scope.addHook(hook, opened((request, done) => store.run(request, done)))
      scope.addHook(hook, (_request, reply) => { reply.code(401).send('no') })
      scope.get('/', async () => 'ok')
    }, { prefix: `/${hook}` })
  }
  const origin = await listen(fastify)
  for (const hook of ['onRequest', 'preValidation', 'preHandler']) await fetch(`${origin}/${hook}`)
  await assertIdle(t, fastify, 3)
  t.strictSame(await readRequestCounts(fastify), {
    'GET /onRequest 401 label="own"': 1,
    'GET /preValidation 401 label="own"': 1,
    'GET /preHandler 401 label="own"': 1
  })
})

t.test('runs labels in the context that a hook opens for a request that matches no route', async t => {
  const fastify = await labelled(t)
  fastify.addHook('preValidation', opened((request, done) => store.run(request, done)))
  await fastify.inject('/nowhere')
  t.strictSame(await readRequestCounts(fastify), { 'GET __unmatched__ 404 label="own"': 1 })
})

t.test('runs labels of a route from before the plugin in the context that its hooks opened', async t => {
  const fastify = createFastify(t)
  fastify.addHook('preHandler', opened((request, done) => store.run(request, done)))
  fastify.get('/before', { preHandler: (_request, _reply, done) => done() }, async () => 'ok')
  fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label: whose } } })
  await fastify.inject('/before')
  t.strictSame(await readRequestCounts(fastify), { 'GET /before 200 label="own"': 1 })
})

t.test('runs labels in the context of a request whose response another request has sent', async t => {
  const fastify = await labelled(t)
  fastify.addHook('onRequest', opened((request, done) => store.run(request, done)))
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
  t.strictSame(await readRequestCounts(fastify), { 'GET /release 200 label="own"': 1, 'GET /wait 200 label="own"': 1 })
})

t.test('logs a label that fails in the context of its request', async t => {
  const { logger, lines } = createCapturingLogger()
  const fastify = createFastify(t, { logger: { ...logger, mixin: () => ({ of: store.getStore()?.url }) } })
  const label = (): never => { throw new Error('boom') }
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, requests: { labels: { label } } })
  fastify.addHook('onRequest', opened((request, done) => store.run(request, done)))
  const reached = [promiseWithResolvers(), promiseWithResolvers()]
  fastify.post<{ Params: { i: number } }>('/wait/:i', request => { reached[request.params.i]?.resolve() })
  const wire = await HttpConnection.open(await listen(fastify))
  wire.send(requestText('POST', '/wait/0', { body: 'x' }) + requestText('POST', '/wait/1', { body: 'x' }))
  await Promise.all(reached.map(({ promise }) => promise))
  await wire.disconnect()
  await assertIdle(t, fastify, 2)
  t.match(lines, [{ msg: /'label' of a request failed/, of: '/wait/0' }])
})

t.test('captures a context only of requests that are counted, and forgets it at their end', async t => {
  const fastify = createFastify(t)
  const requests = { labels: { label: whose }, ignore: '/ignored' }
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

t.test('adds no hook where the application has no label', async t => {
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
