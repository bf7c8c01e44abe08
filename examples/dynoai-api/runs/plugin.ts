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
import { receiveLog } from './receive-log.js'
import { RunStore, type Run } from './run-store.js'

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
    return reply.code(202).send(await acceptLog(request))
  })

  /** Receives a log and queues its analysis, and gives its run as it stands then; a log that is refused leaves no file. */
  async function acceptLog (request: FastifyRequest): Promise<Pick<Run, 'runId' | 'status' | 'message'>> {
    const runId = randomUUID()
    const path = join(uploads, runId)
    try {
      const { filename, bytes } = await receiveLog(request, path)
      // A log that cannot be analysed is told so at once, not by a run that fails later.
      await inspectLog(createReadStream(path))
      // Again, since uploads that arrive together all found a place free; from here to the push nothing may be awaited.
      if (queue.isFull) throw new BusyError()
      const run = store.add(runId, filename)
      queue.push(() => analyseRun(run, path, bytes, analyse))
      return { runId, status: run.status, message: run.message }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

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
