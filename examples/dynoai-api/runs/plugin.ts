import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { inspectLog } from '../analysis/analyse-log.js'
import type { FeatureOptions } from '../contracts.js'
import { analyseRun } from './analyse-run.js'
import { BusyError, NoVeDataError } from './errors.js'
import { JobQueue } from './job-queue.js'
import { receiveLog } from './receive-log.js'
import { RunStore, type Run } from './run-store.js'

/** Options of uploads and their analysis. */
export interface RunsOptions extends FeatureOptions {
  /** Number of runs that are kept in memory; the oldest are evicted. @default 1000 */
  readonly maxRuns?: number
  /** Number of logs that can wait or be analysed at the same time; further uploads get a 503. @default 20 */
  readonly maxQueued?: number
  /** Directory in which uploads are stored until they are analysed. @default os.tmpdir() */
  readonly directory?: string
}

interface ByRunId {
  Params: { runId: string }
}

/** Uploaded logs: `POST /api/analyze`, `GET /api/status/:runId`, `GET /api/ve-data/:runId`. */
export const runsPlugin: FastifyPluginAsync<RunsOptions> = async (fastify, options) => {
  const { analyse, addHealthCheck, maxRuns = 1000, maxQueued = 20, directory = tmpdir() } = options
  const store = new RunStore(maxRuns)
  const queue = new JobQueue(maxQueued)
  const uploads = await mkdtemp(join(directory, 'dynoai-'))

  addHealthCheck('analysis', () => queue.isFull
    ? { status: 'degraded', message: `${queue.length} logs are waiting. Further uploads are rejected.` }
    : { status: 'healthy', message: `${queue.length} logs are waiting.` })

  fastify.addHook('onClose', async function finishAnalyses () {
    await queue.idle()
    await rm(uploads, { recursive: true, force: true })
  })

  fastify.post('/api/analyze', async (request, reply) => {
    if (queue.isFull) throw new BusyError()
    return reply.code(202).send(await acceptLog(request))
  })

  /** Receives a log, queues its analysis and returns the new run; a rejected log leaves no file. */
  async function acceptLog (request: FastifyRequest): Promise<Pick<Run, 'runId' | 'status' | 'message'>> {
    const runId = randomUUID()
    const path = join(uploads, runId)
    try {
      const { filename, bytes } = await receiveLog(request, path)
      // The response to the upload reports a log that cannot be analysed, so the client does not wait for a failed run.
      await inspectLog(createReadStream(path))
      // Checked again, because uploads that arrive together all pass the first check. There must be no `await` from
      // here to `push`.
      if (queue.isFull) throw new BusyError()
      const run = store.add(runId, filename)
      queue.push(() => analyseRun(run, { path, bytes }, analyse))
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
