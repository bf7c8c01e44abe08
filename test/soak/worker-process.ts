// A worker of the service: an application with routes that clients use and misuse. It measures itself and answers
// scrapes for all workers. It tells the primary regularly that its event loop runs.
import cluster from 'node:cluster'
import { readdirSync } from 'node:fs'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import multipart from '@fastify/multipart'
import Fastify from 'fastify'
import type { FastifyReply, FastifyServerOptions } from 'fastify'
import { Counter, Registry } from 'prom-client'
import { dynoaiMetrics } from '../../lib/plugin.js'
import type { AnalysisSource, MetricDefinitions } from '../../lib/types/index.js'
import { CERTIFICATE } from '../fixtures/certificate.js'
import { collectGarbage } from '../fixtures/collect-garbage.js'
import { WORKER_HEADER } from './clients.js'
import { HOSTILE_TEXTS } from './hostile-texts.js'
import type { ResourceReport, WorkerCommand, WorkerNotice } from './messages.js'

/** The interval of the signs of life, in milliseconds. */
const BEAT = 100
/** How long the server may take to close, in milliseconds. Clients keep their connections open. */
const MAX_CLOSE = 2000
/** How long a report waits until no client is connected, in milliseconds. */
const MAX_IDLE_WAIT = 10_000

/** What is logged about labels that are too long, and about more series than `maxSeries`. */
const EXPECTED = /^a metric has too many series|^a label is longer/

const definitions = {
  hostileTotal: { type: 'counter', help: 'Hostile texts', labels: { text: [] } },
  explosiveTotal: { type: 'counter', help: 'A new label value in many calls', labels: { value: [] } }
} as const satisfies MetricDefinitions

const notify = (notice: WorkerNotice, sent = (): void => {}): void => { process.send?.(notice, sent) }

const registry = new Registry()
const foreign = new Counter({ name: 'soak_foreign_total', help: 'Of another package', registers: [registry] })
// The server has another type than that of HTTP/1. Only members that both types have are used.
const options = { http2: true, https: { ...CERTIFICATE, allowHTTP1: true } } as FastifyServerOptions
const logger = {
  level: 'warn',
  stream: {
    write (line: string) {
      const { msg, ...fields } = JSON.parse(line)
      if (EXPECTED.test(msg)) return
      notify({ type: 'fault', message: `logged: ${msg} ${JSON.stringify({ ...fields, time: 0, pid: 0 })}` })
    }
  }
}
const fastify = Fastify({ ...options, logger })
await fastify.register(dynoaiMetrics, {
  registry,
  // Enough for the hostile texts, and few enough that other labels overflow.
  maxSeries: 40,
  requests: { sizes: true, labels: { agent: request => String(request.headers['x-agent'] ?? 'none') } }
})
const { hostileTotal, explosiveTotal } = fastify.metrics.define(definitions)
await fastify.register(multipart)

fastify.addHook('onRequest', async (_request, reply) => { reply.header(WORKER_HEADER, cluster.worker?.id) })
fastify.setErrorHandler((_error, _request, reply) => { reply.code(500).send('failed') })
fastify.get('/who', async () => {
  foreign.inc()
  return 'ok'
})
fastify.get('/items/:id', async () => ({ status: 'completed' }))
fastify.get('/fails', async () => { throw new Error('fails') })
fastify.post('/echo', async (request, reply) => { reply.code(201).send(request.body) })
fastify.get<{ Params: { index: string } }>('/hostile/:index', async request => {
  hostileTotal.inc({ text: HOSTILE_TEXTS[Number(request.params.index)] ?? '' })
  explosiveTotal.inc({ value: String(request.headers['x-agent']) })
  return 'ok'
})
fastify.post<{ Params: { source: AnalysisSource, status: string } }>('/analyze/:source/:status', async request => {
  const { source, status } = request.params
  await fastify.metrics.timeAnalysis({ source }, async () => {
    await delay(1)
    if (status === 'error') throw new Error('fails')
  })
  return 'ok'
})
fastify.post('/upload', async (request, reply) => {
  const part = await request.file()
  if (part === undefined) throw new Error('There is no file')
  writeFirstBytes(reply)
  await finished(part.file.resume()).catch(never)
  return 'ok'
})
// Both wait until their clients disconnect.
fastify.get('/open', async (_request, reply) => {
  writeFirstBytes(reply)
  await never()
})
fastify.get('/stream', (_request, reply) => {
  reply.hijack()
  reply.raw.writeHead(200, { 'content-type': 'text/plain' })
  reply.raw.write('first bytes')
})

/** Sends no response: a client that disconnects must not get one at the same time, which may be counted instead. */
async function never (): Promise<never> {
  return await new Promise(() => {})
}

/** Tells the client that the handler runs, without a status. */
function writeFirstBytes (reply: FastifyReply): void {
  reply.raw.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
}

async function close (): Promise<void> {
  await Promise.race([fastify.close(), delay(MAX_CLOSE)])
  exit()
}

function exit (): void {
  notify({ type: 'exiting', at: Date.now() }, () => { process.exit() })
}

const countConnections = async (): Promise<number> => await new Promise((resolve, reject) => {
  fastify.server.getConnections((err, count) => { err === null ? resolve(count) : reject(err) })
})

async function report (isIdle: boolean): Promise<ResourceReport> {
  const end = isIdle ? Date.now() + MAX_IDLE_WAIT : 0
  while (Date.now() < end && await countConnections() > 0) await delay(20)
  for (let i = 0; i < 2; i++) {
    collectGarbage()
    await delay(20)
  }
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  const resources: Record<string, number> = {}
  for (const type of process.getActiveResourcesInfo()) resources[type] = (resources[type] ?? 0) + 1
  return { bytes: heapUsed + external, openFiles: readdirSync('/proc/self/fd').length, resources }
}

process.on('message', async (command: WorkerCommand) => {
  if (command.type === 'exit') exit()
  else if (command.type === 'close') await close()
  else notify({ type: 'report', report: await report(command.isIdle) })
})
setInterval(() => { notify({ type: 'beat', at: Date.now() }) }, BEAT)
notify({ type: 'listening', origin: await fastify.listen({ host: '127.0.0.1', port: 0 }) })
