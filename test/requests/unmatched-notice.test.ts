import t from 'tap'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { noticeUnmatched, UNMATCHED_NOT_COUNTED } from '../../lib/requests/unmatched-notice.js'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'
import { createFastify } from '../fixtures/app.js'
import { readRequestCounts } from '../fixtures/request-counts.js'
import { createCapturingLogger } from '../fixtures/logger.js'

const measure = async (fastify: FastifyInstance, options: DynoaiMetricsOptions = {}): Promise<void> => {
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
}
const notFound = (fastify: FastifyInstance): void => { fastify.setNotFoundHandler(async (_request, reply) => await reply.code(404).send('mine')) }

interface Case {
  readonly name: string
  readonly build: (root: FastifyInstance) => unknown
  readonly isTold: boolean
  /** @default '/nowhere' */
  readonly url?: string
}

/** An application below the root, in a scope that `fastify-plugin` may take away. */
const below = (app: FastifyPluginAsync, prefix = ''): Case['build'] => root => root.register(app, { prefix })

const cases: readonly Case[] = [
  { name: 'on the root', build: root => measure(root), isTold: false },
  { name: 'on the root from within fastify-plugin', build: root => root.register(fp(async app => { await app.register(fp(async inner => measure(inner))) })), isTold: false },
  { name: 'on the root, not awaited', build: root => { root.register(dynoaiMetrics, { runtimeMetrics: false }) }, isTold: false },
  { name: 'in a scope', build: below(async app => measure(app)), isTold: true },
  { name: 'in a scope within a scope', build: below(async app => { await app.register(async inner => measure(inner)) }), isTold: true },
  { name: 'in a scope with a prefix', build: below(async app => measure(app), '/v1'), url: '/v1/nowhere', isTold: true },
  { name: 'from within fastify-plugin in a scope', build: below(async app => { await app.register(fp(async inner => measure(inner))) }), isTold: true },
  { name: 'in a scope below a root with a handler', build: async root => { notFound(root); await root.register(async app => measure(app)) }, isTold: true },
  { name: 'in a scope beside one with a handler', build: root => { root.register(async app => measure(app)); root.register(async app => { notFound(app) }) }, isTold: true },
  { name: 'in a scope within one that has a handler', build: below(async app => { notFound(app); await app.register(async inner => measure(inner)) }), isTold: true },
  { name: 'in a scope with a handler', build: below(async app => { await measure(app); notFound(app) }), isTold: false },
  { name: 'in a scope that takes the handler of Fastify', build: below(async app => { await measure(app); (app as unknown as { setNotFoundHandler (): void }).setNotFoundHandler() }), isTold: false },
  { name: 'in a scope with a handler declared before', build: below(async app => { notFound(app); await measure(app) }), isTold: false },
  { name: 'in a scope with a prefix and a handler', build: below(async app => { notFound(app); await measure(app) }, '/v1'), url: '/v1/nowhere', isTold: false },
  { name: 'in a scope around one with a handler', build: below(async app => { await measure(app); await app.register(async inner => { notFound(inner) }) }), isTold: false },
  { name: 'in a scope around an earlier one with a handler', build: below(async app => { app.register(async inner => { notFound(inner) }); await measure(app) }, '/v1'), url: '/v1/nowhere', isTold: false }
]

for (const { name, build, isTold, url = '/nowhere' } of cases) {
  t.test(`${name}: ${isTold ? 'says once that requests without a route are not counted' : 'counts requests without a route and says nothing'}`, async t => {
    const { logger, lines } = createCapturingLogger('info')
    const root = createFastify(t, { logger, disableRequestLogging: true })
    let measured: FastifyInstance | undefined
    root.addHook('onRoute', function seeEndpoint ({ path }) { if (path.endsWith('/metrics')) measured = this })
    await build(root)
    await root.ready()
    const told = lines.filter(({ msg }) => msg === UNMATCHED_NOT_COUNTED)
    t.equal(told.length, isTold ? 1 : 0)
    if (isTold) t.match(told, [{ level: 30, msg: /setNotFoundHandler\(\).*fastify-plugin/ }])
    await root.inject(url)
    t.strictSame(await readRequestCounts(measured ?? root), isTold ? {} : { 'GET __unmatched__ 404': 1 }, 'and that is true')
  })
}

t.test('says nothing where such requests are not to be counted', async t => {
  const { logger, lines } = createCapturingLogger('info')
  for (const options of [
    { enabled: false }, { requests: false }, { requests: { ignore: '__unmatched__' } }, { requests: { ignore: ['/x', /unmatched/] } }
  ] as const) {
    const root = createFastify(t, { logger })
    await root.register(async app => measure(app, options))
    await root.ready()
  }
  t.strictSame(lines, [])
})

t.test('a function that decides what is ignored is not called for it', async t => {
  const { logger, lines } = createCapturingLogger('info')
  const root = createFastify(t, { logger })
  await root.register(async app => measure(app, { requests: { ignore: () => { throw new Error('called') } } }))
  await root.ready()
  t.match(lines, [{ msg: UNMATCHED_NOT_COUNTED }])
})

t.test('a logger that fails does not keep the application from starting', async t => {
  const root = createFastify(t)
  await root.register(async app => {
    app.log.info = () => { throw new Error('the log is full') }
    await measure(app)
  })
  await t.resolves(Promise.resolve(root.ready()))
})

t.test('says nothing where it cannot tell', async t => {
  const told: string[] = []
  const hooks: Array<() => Promise<void>> = []
  const other = { addHook: (_name: string, hook: () => Promise<void>) => { hooks.push(hook) }, log: { info: (text: string) => { told.push(text) } } }
  noticeUnmatched(other as unknown as FastifyInstance, [])
  for (const hook of hooks) await hook()
  t.equal(hooks.length, 1)
  t.strictSame(told, [])
})
