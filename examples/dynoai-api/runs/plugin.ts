import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { FeatureOptions, RefuseLog } from '../contracts.js'
import { analyseRun, type AcceptedRun } from './analyse-run.js'
import { DiskSpace, type UploadSpace } from './disk-space.js'
import { BusyError, MissingFileError, NoVeDataError } from './errors.js'
import { Places } from './places.js'
import { hasLeft, receiveLog } from './receive-log.js'
import { RunStore } from './run-store.js'
import { createUploadDirectory } from './upload-directory.js'

/** Options of uploads and their analysis. */
export interface RunsOptions extends FeatureOptions {
  readonly refuse: RefuseLog
  /** Number of runs that are kept in memory; the oldest are evicted. @default 1000 */
  readonly maxRuns?: number
  /** Number of logs that can wait or be analysed at the same time; further uploads get a 429. @default 20 */
  readonly maxQueued?: number
  /** Bytes of all uploads on the disk; further uploads get a 429. @default 5368709120 */
  readonly maxStoredBytes?: number
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
  const { analyse, refuse, addHealthCheck, maxRuns = 1000, directory = tmpdir() } = options
  const { maxQueued = 20, maxStoredBytes = 5 * 1024 ** 3 } = options
  const store = new RunStore(maxRuns)
  const disk = new DiskSpace(maxStoredBytes)
  const analyses = new Places(maxQueued)
  const uploads = await createUploadDirectory(directory)

  addHealthCheck('analysis', () => analyses.isFull
    ? { status: 'degraded', message: `${analyses.taken} logs are waiting. Further uploads are rejected.` }
    : { status: 'healthy', message: `${analyses.taken} logs are waiting.` })

  fastify.addHook('onClose', async function finishAnalyses () {
    await analyses.idle()
    await uploads.remove()
  })

  fastify.post('/api/analyze', async (request, reply) => {
    try {
      return await reply.code(202).send(await acceptLog(request))
    } catch (error) {
      if (error instanceof BusyError) reply.header('retry-after', RETRY_AFTER_SECONDS)
      throw error
    }
  })

  /** Receives and inspects a log, starts its analysis and returns the new run; a rejected log leaves no file. */
  async function acceptLog (request: FastifyRequest): Promise<AcceptedRun> {
    const runId = randomUUID()
    const path = join(uploads.path, runId)
    const space = disk.open()
    try {
      analyses.check()
      const filename = await receive(request, path, space)
      // Taken after the reception: slow clients must not take the places of others. Uploads that arrive together all
      // pass the first check.
      const leave = analyses.take()
      // The response to the upload reports a log that cannot be analysed, so the client does not wait for a failed run.
      return await new Promise((resolve, reject) => {
        analyseRun({ runId, filename, path }, { analyse, store, log: request.log, onAccepted: resolve })
          .finally(leave).finally(space.free).catch(reject)
      })
    } catch (error) {
      await rm(path, { force: true })
      space.free()
      throw error
    }
  }

  async function receive (request: FastifyRequest, path: string, space: UploadSpace): Promise<string> {
    try {
      return await receiveLog(request, path, space)
    } catch (error) {
      // No analysis is a request without a log, one for which there is no space, and one that its client has given up.
      if (error instanceof MissingFileError || error instanceof BusyError || hasLeft(request)) throw error
      return await refuse(error as Error, { source: 'upload' }) // `receiveLog` throws only errors.
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
