import { isRun, type JetstreamRun } from './run.js'

/** Options of a client of Jetstream's cloud API. */
export interface JetstreamClientOptions {
  /** Base URL of the API, without a slash at its end. */
  readonly url: string
  /** The Bearer token. */
  readonly token: string
  /** Time limit for a complete response, body included, in milliseconds. @default 30000 */
  readonly timeoutMs?: number | undefined
  /** The largest log that is downloaded, in bytes. @default 52428800, as for an upload */
  readonly maxLogBytes?: number
}

/** The kinds of failures of a call of Jetstream. */
export type JetstreamFailure = 'timeout' | 'network' | 'status' | 'response' | 'closed'

/** A call of Jetstream that failed; its message is a sentence for the rider. */
export class JetstreamError extends Error {
  override readonly name = 'JetstreamError'

  constructor (readonly failure: JetstreamFailure, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}

/** Calls of Jetstream's cloud API; each rejects with a {@link JetstreamError}. */
export interface JetstreamClient {
  /** Lists runs that changed at `since` or later; all runs without `since`. */
  listRuns (since?: string): Promise<JetstreamRun[]>
  /** Downloads the full log of a complete run. */
  downloadLog (id: string): Promise<Buffer>
  /** Aborts every call in progress and every later call. */
  close (): void
}

/** Creates a client of Jetstream's cloud API. */
export function createJetstreamClient (options: JetstreamClientOptions): JetstreamClient {
  const { url, token, timeoutMs = 30_000, maxLogBytes = 50 * 1024 ** 2 } = options
  const calls = new Set<AbortController>()
  let isClosed = false

  async function call<T> (path: string, read: (response: Response) => Promise<T>): Promise<T> {
    // Not `AbortSignal.any` with `AbortSignal.timeout`: Node 20 may collect the timeout's signal as garbage before it
    // fires, and then the call never ends.
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(new DOMException('Timeout', 'TimeoutError')), timeoutMs)
    calls.add(controller)
    if (isClosed) controller.abort()
    return await send(path, read, controller.signal).finally(() => {
      clearTimeout(timer)
      calls.delete(controller)
    })
  }

  async function send<T> (path: string, read: (response: Response) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` }, signal })
      if (!response.ok) {
        await response.body?.cancel()
        throw new JetstreamError('status', `Jetstream responded with status ${response.status}.`)
      }
      return await read(response)
    } catch (error) {
      if (isClosed) throw new JetstreamError('closed', 'This service is closing.', { cause: error })
      throw toJetstreamError(error, timeoutMs)
    }
  }

  return {
    listRuns: since => call(since === undefined ? '/runs' : `/runs?since=${encodeURIComponent(since)}`, readRuns),
    downloadLog: id => call(`/runs/${encodeURIComponent(id)}/log`, response => readLog(response, maxLogBytes)),
    close () {
      isClosed = true
      for (const controller of calls) controller.abort()
    }
  }
}

async function readRuns (response: Response): Promise<JetstreamRun[]> {
  const { runs } = Object(await response.json())
  if (!Array.isArray(runs) || !runs.every(isRun)) {
    throw new JetstreamError('response', 'Jetstream did not respond with a list of runs.')
  }
  return runs
}

async function readLog (response: Response, maxLogBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxLogBytes) {
      // An error that ends the loop cancels the download.
      throw new JetstreamError('response', `Jetstream sent a log of more than ${maxLogBytes} bytes.`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function toJetstreamError (error: unknown, timeoutMs: number): JetstreamError {
  if (error instanceof JetstreamError) return error
  if (error instanceof SyntaxError) {
    return new JetstreamError('response', 'Jetstream responded with invalid JSON.', { cause: error })
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new JetstreamError('timeout', `Jetstream did not respond within ${timeoutMs} ms.`, { cause: error })
  }
  return new JetstreamError('network', 'Jetstream could not be reached.', { cause: error })
}
