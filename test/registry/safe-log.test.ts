import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import Fastify from 'fastify'
import type { FastifyBaseLogger } from 'fastify'
import { ignoreRejection } from '../../lib/util/ignore-rejection.js'
import { SafeLog } from '../../lib/registry/safe-log.js'
import { UNEXPECTED_VALUES } from '../fixtures/unexpected-values.js'
import { createCapturingLogger } from '../fixtures/logger.js'
import { collectUnhandledRejections } from '../fixtures/unhandled-rejections.js'

t.test('passes the fields and the message to the logger', async t => {
  const { logger, lines } = createCapturingLogger()
  const log = new SafeLog(Fastify({ logger }).log)
  log.warn({ metric: 'a', err: new Error('boom') }, 'left out')
  log.error({ err: new Error('bang') }, 'failed')
  t.match(lines, [
    { level: 40, metric: 'a', err: { message: 'boom' }, msg: 'left out' },
    { level: 50, err: { message: 'bang' }, msg: 'failed' }
  ])
})

t.test('logs a plain text for an error that cannot be read', async t => {
  const { logger, lines } = createCapturingLogger()
  const log = new SafeLog(Fastify({ logger }).log)
  const err = Object.defineProperty(new TypeError('x'), 'message', { get () { throw new Error('read') } })
  log.warn({ metric: 'a', err }, 'left out')
  t.match(lines, [{ level: 40, metric: 'a', err: '[TypeError: ]', msg: 'left out' }])
})

t.test('logs any thrown value without throwing', async t => {
  const { logger, lines } = createCapturingLogger()
  const log = new SafeLog(Fastify({ logger }).log)
  const unhandled = collectUnhandledRejections(t)
  for (const [what, make] of UNEXPECTED_VALUES) {
    const err = make()
    ignoreRejection(err)
    t.doesNotThrow(() => log.warn({ err }, what), what)
    t.match(lines.pop(), { msg: what })
  }
  await nextTurn()
  t.strictSame(unhandled, [])
})

t.test('catches every failure of the logger', async t => {
  const unhandled = collectUnhandledRejections(t)
  const boom = (): never => { throw new Error('boom') }
  const loggers: ReadonlyArray<readonly [what: string, logger: object]> = [
    ['throws', { warn: boom, error: boom }],
    ['rejects', { async warn () { boom() }, async error () { boom() } }],
    ['has no methods', {}],
    ['cannot be read', { get warn () { return boom() }, get error () { return boom() } }]
  ]
  for (const [what, logger] of loggers) {
    const log = new SafeLog(logger as FastifyBaseLogger)
    t.doesNotThrow(() => log.warn({ err: new Error('x') }, 'm'), what)
    t.doesNotThrow(() => log.error({ err: new Error('x') }, 'm'), what)
  }
  await nextTurn()
  t.strictSame(unhandled, [])
})
