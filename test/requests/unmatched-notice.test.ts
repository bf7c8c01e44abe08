import t from 'tap'
import type { Test } from 'tap'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { dynoaiMetrics } from '../../lib/plugin.js'
import { noticeUnmatched, UNMATCHED_NOT_COUNTED } from '../../lib/requests/unmatched-notice.js'
import type { DynoaiMetricsOptions } from '../../lib/types/index.js'
import { createFastify } from '../fixtures/app.js'
import { readRequestCounts } from '../fixtures/request-counts.js'
import { createCapturingLogger } from '../fixtures/logger.js'

async function measure (fastify: FastifyInstance, options: DynoaiMetricsOptions = {}): Promise<void> {
  await fastify.register(dynoaiMetrics, { runtimeMetrics: false, ...options })
}

function setNotFoundHandler (fastify: FastifyInstance): void {
  fastify.setNotFoundHandler(async (_request, reply) => await reply.code(404).send('mine'))
}

interface Case {
  readonly name: string
  readonly build: (root: FastifyInstance) => unknown
  /** @default '/nowhere' */
  readonly url?: string
}

/** Registers an application in a scope of the root. */
const inScope = (app: FastifyPluginAsync, prefix = ''): Case['build'] => root => root.register(app, { prefix })

const measureWithFp = fp(async app => measure(app))

const countedCases: readonly Case[] = [
  { name: 'on the root', build: root => measure(root) },
  {
    name: 'on the root from within fastify-plugin',
    build: root => root.register(fp(async app => { await app.register(measureWithFp) }))
  },
  {
    name: 'on the root, not awaited',
    build: root => { root.register(dynoaiMetrics, { runtimeMetrics: false }) }
  },
  {
    name: 'in a scope with a handler',
    build: inScope(async app => {
      await measure(app)
      setNotFoundHandler(app)
    })
  },
  {
    name: "in a scope with Fastify's default handler",
    build: inScope(async app => {
      await measure(app)
      // Fastify's types require a handler.
      const untyped = app as unknown as { setNotFoundHandler (): void }
      untyped.setNotFoundHandler()
    })
  },
  {
    name: 'in a scope with a handler that is set before',
    build: inScope(async app => {
      setNotFoundHandler(app)
      await measure(app)
    })
  },
  {
    name: 'in a scope with a prefix and a handler',
    build: inScope(async app => {
      setNotFoundHandler(app)
      await measure(app)
    }, '/v1'),
    url: '/v1/nowhere'
  },
  {
    name: 'in a scope around one with a handler',
    build: inScope(async app => {
      await measure(app)
      await app.register(async inner => { setNotFoundHandler(inner) })
    })
  },
  {
    name: 'in a scope around one with a handler that is registered before',
    build: inScope(async app => {
      app.register(async inner => { setNotFoundHandler(inner) })
      await measure(app)
    }, '/v1'),
    url: '/v1/nowhere'
  }
]

const uncountedCases: readonly Case[] = [
  { name: 'in a scope', build: inScope(async app => measure(app)) },
  {
    name: 'in a scope within a scope',
    build: inScope(async app => { await app.register(async inner => measure(inner)) })
  },
  { name: 'in a scope with a prefix', build: inScope(async app => measure(app), '/v1'), url: '/v1/nowhere' },
  {
    name: 'from within fastify-plugin in a scope',
    build: inScope(async app => { await app.register(measureWithFp) })
  },
  {
    name: 'in a scope of a root with a handler',
    build: async root => {
      setNotFoundHandler(root)
      await root.register(async app => measure(app))
    }
  },
  {
    name: 'in a scope next to one with a handler',
    build: root => {
      root.register(async app => measure(app))
      root.register(async app => { setNotFoundHandler(app) })
    }
  },
  {
    name: 'in a scope within one that has a handler',
    build: inScope(async app => {
      setNotFoundHandler(app)
      await app.register(async inner => measure(inner))
    })
  }
]

/** Builds an application, and returns the notices that it logs and the requests that it counts. */
async function buildAndRequest (t: Test, { build, url = '/nowhere' }: Case) {
  const { logger, lines } = createCapturingLogger('info')
  const root = createFastify(t, { logger, disableRequestLogging: true })
  let measured: FastifyInstance | undefined
  root.addHook('onRoute', function findMeasuredScope ({ path }) { if (path.endsWith('/metrics')) measured = this })
  await build(root)
  await root.ready()
  const notices = lines.filter(({ msg }) => msg === UNMATCHED_NOT_COUNTED)
  await root.inject(url)
  return { notices, counts: await readRequestCounts(measured ?? root) }
}

for (const testCase of countedCases) {
  t.test(`${testCase.name}: counts unmatched requests and logs no notice`, async t => {
    const { notices, counts } = await buildAndRequest(t, testCase)
    t.strictSame(notices, [])
    t.strictSame(counts, { 'GET __unmatched__ 404': 1 })
  })
}

for (const testCase of uncountedCases) {
  t.test(`${testCase.name}: logs once that unmatched requests are not counted`, async t => {
    const { notices, counts } = await buildAndRequest(t, testCase)
    t.equal(notices.length, 1)
    t.match(notices, [{ level: 30, msg: /setNotFoundHandler\(\).*fastify-plugin/ }])
    t.strictSame(counts, {})
  })
}

t.test('logs no notice when the options exclude unmatched requests', async t => {
  const { logger, lines } = createCapturingLogger('info')
  const cases: readonly DynoaiMetricsOptions[] = [
    { enabled: false },
    { requests: false },
    { requests: { ignore: '__unmatched__' } },
    { requests: { ignore: ['/x', /unmatched/] } }
  ]
  for (const options of cases) {
    const root = createFastify(t, { logger })
    await root.register(async app => measure(app, options))
    await root.ready()
  }
  t.strictSame(lines, [])
})

t.test('does not call an ignore function for the notice', async t => {
  const { logger, lines } = createCapturingLogger('info')
  const root = createFastify(t, { logger })
  await root.register(async app => measure(app, { requests: { ignore: () => { throw new Error('called') } } }))
  await root.ready()
  t.match(lines, [{ msg: UNMATCHED_NOT_COUNTED }])
})

t.test('a logger that throws does not prevent the start of the application', async t => {
  const root = createFastify(t)
  await root.register(async app => {
    app.log.info = () => { throw new Error('the log is full') }
    await measure(app)
  })
  await t.resolves(Promise.resolve(root.ready()))
})

t.test('logs no notice when it cannot find the context of the not-found handler', async t => {
  const notices: string[] = []
  const hooks: Array<() => Promise<void>> = []
  const instance = {
    addHook: (_name: string, hook: () => Promise<void>) => { hooks.push(hook) },
    log: { info: (text: string) => { notices.push(text) } }
  }
  noticeUnmatched(instance as unknown as FastifyInstance, [])
  for (const hook of hooks) await hook()
  t.equal(hooks.length, 1)
  t.strictSame(notices, [])
})
