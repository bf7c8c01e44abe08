import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { inspectLog } from '../analysis/analyse-log.js'
import type { AddHealthCheck, AnalyseLog } from '../contracts.js'
import { analyseRun } from './analyse-run.js'
import { BusyError, NoVeDataError } from './errors.js'
import { JobQueue } from './job-queue.js'
import { receiveLog, type ReceivedLog } from './receive-log.js'
import { RunStore } from './run-store.js'

/** What the runs need from the service, and their limits. */
export interface RunsOptions {
  readonly analyse: AnalyseLog
  readonly addHealthCheck: AddHealthCheck
  /**
   * Runs kept in memory; beyond it the oldest is forgotten.
   * @default 1000
   */
  readonly keep?: number
  /**
   * Logs that may wait for their analysis; with as many, uploads are turned away with 503.
   * @default 20
   */
  readonly maxQueued?: number
  /**
   * Where the uploads wait for their analysis.
   * @default os.tmpdir()
   */
  readonly directory?: string
}

interface ByRunId {
  Params: { runId: string }
}

/** Uploaded logs: `POST /api/analyze`, `GET /api/status/:runId`, `GET /api/ve-data/:runId`. */
export async function runs (fastify: FastifyInstance, options: RunsOptions): Promise<void> {
  const { analyse, addHealthCheck, keep = 1000, maxQueued = 20, directory = tmpdir() } = options
  const store = new RunStore(keep)
  const queue = new JobQueue(maxQueued)
  const uploads = await mkdtemp(join(directory, 'dynoai-'))

  addHealthCheck('analysis', () => queue.isFull
    ? { status: 'degraded', message: `${queue.length} logs wait; uploads are turned away.` }
    : { status: 'healthy', message: `${queue.length} logs wait.` })

  fastify.addHook('onClose', async function finishAnalyses () {
    await queue.idle()
    await rm(uploads, { recursive: true, force: true })
  })

  fastify.post('/api/analyze', async (request, reply) => {
    if (queue.isFull) throw new BusyError()
    const runId = randomUUID()
    const path = join(uploads, runId)
    const { filename, bytes } = await receiveUsableLog(request, path)
    const run = store.add(runId, filename)
    queue.push(() => analyseRun(run, path, bytes, analyse))
    return reply.code(202).send({ runId, status: 'queued', message: run.message })
  })

  fastify.get<ByRunId>('/api/status/:runId', async ({ params }) => {
    const { result, ...status } = store.get(params.runId)
    return status
  })

  fastify.get<ByRunId>('/api/ve-data/:runId', async ({ params }) => {
    const { runId, status, result } = store.get(params.runId)
    if (result === undefined) throw new NoVeDataError(runId, status)
    const { rpm, load, corrections } = result
    return { rpm, load, corrections }
  })
}

/** A log that cannot be analysed is told so at once, not by a run that fails later. */
async function receiveUsableLog (request: FastifyRequest, path: string): Promise<ReceivedLog> {
  try {
    const received = await receiveLog(request, path)
    await inspectLog(createReadStream(path))
    return received
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}
