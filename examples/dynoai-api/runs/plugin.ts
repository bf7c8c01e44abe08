import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { reportLayout } from '../analysis/log-report.js'
import type { FeatureOptions, InspectLog } from '../contracts.js'
import { analyseRun } from './analyse-run.js'
import { BusyError, NoVeDataError } from './errors.js'
import { Places } from './places.js'
import { receiveLog } from './receive-log.js'
import { RunStore, type Run } from './run-store.js'
import { createUploadDirectory } from './upload-directory.js'

/** Options of uploads and their analysis. */
export interface RunsOptions extends FeatureOptions {
  readonly inspect: InspectLog
  /** Number of runs that are kept in memory; the oldest are evicted. @default 1000 */
  readonly maxRuns?: number
  /** Number of logs that can wait or be analysed at the same time; further uploads get a 429. @default 20 */
  readonly maxQueued?: number
  /** Directory in which uploads are stored until they are analysed. @default os.tmpdir() */
  readonly directory?: string
}

interface ByRunId {
  Params: { runId: string }
}

/** When to try an upload again that was rejected because too many logs are waiting, in seconds. */
const RETRY_AFTER_SECONDS = 5

/** Uploaded logs: `POST /api/analyze`, `GET /api/status/:runId`, `GET /api/ve-data/:runId`. */
export const runsPlugin: FastifyPluginAsync<RunsOptions> = async (fastify, options) => {
  const { inspect, analyse, addHealthCheck, maxRuns = 1000, maxQueued = 20, directory = tmpdir() } = options
  const store = new RunStore(maxRuns)
  const places = new Places(maxQueued)
  const uploads = await createUploadDirectory(directory)

  addHealthCheck('analysis', () => places.isFull
    ? { status: 'degraded', message: `${places.taken} logs are waiting. Further uploads are rejected.` }
    : { status: 'healthy', message: `${places.taken} logs are waiting.` })

  fastify.addHook('onClose', async function finishAnalyses () {
    await places.idle()
    await rm(uploads, { recursive: true, force: true })
  })

  fastify.post('/api/analyze', async (request, reply) => {
    try {
      if (places.isFull) throw new BusyError()
      return await reply.code(202).send(await acceptLog(request))
    } catch (error) {
      if (error instanceof BusyError) reply.header('retry-after', RETRY_AFTER_SECONDS)
      throw error
    }
  })

  /** Receives and inspects a log, starts its analysis and returns the new run; a rejected log leaves no file. */
  async function acceptLog (request: FastifyRequest): Promise<Pick<Run, 'runId' | 'status' | 'message'>> {
    const runId = randomUUID()
    const path = join(uploads, runId)
    try {
      const filename = await receiveLog(request, path)
      // Taken after the reception: slow clients must not take the places of others. Uploads that arrive together all
      // pass the first check.
      const leave = places.take()
      // The response to the upload reports a log that cannot be analysed, so the client does not wait for a failed run.
      const layout = await inspect({ path }, { source: 'upload' }).catch((error: unknown) => {
        leave()
        throw error
      })
      const run = store.add(runId, filename, reportLayout(layout))
      const { status, message } = run
      analyseRun(run, { path, layout }, analyse).then(leave, leave)
      return { runId, status, message }
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
    const { rpm, load, corrections, log } = result
    return { rpm, load, corrections, log }
  })
}
