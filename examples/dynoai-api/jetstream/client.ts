import { isRun, type JetstreamRun } from './runs.js'

/** Where Jetstream is and how to call it. */
export interface JetstreamClientOptions {
  /** Base URL of the API, without a slash at its end. */
  readonly url: string
  /** The Bearer token. */
  readonly token: string
  /** How long one answer may take, body included, in milliseconds. @default 30000 */
  readonly timeoutMs?: number | undefined
  /** The largest log that is downloaded, in bytes. @default 52428800, as for an upload */
  readonly maxLogBytes?: number
}

/** Why a call of Jetstream gave nothing. */
export type JetstreamFailure = 'timeout' | 'network' | 'status' | 'answer' | 'closed'

/** A call of Jetstream that failed; its message is a sentence for the rider. */
export class JetstreamError extends Error {
  override readonly name = 'JetstreamError'

  constructor (readonly failure: JetstreamFailure, message: string, options?: ErrorOptions) {
    super(message, options)
  }
}

/** Calls of Jetstream's cloud API; each rejects with a {@link JetstreamError}. */
export interface JetstreamClient {
  /** Runs that changed at `since` or later, all without it. */
  listRuns (since?: string): Promise<JetstreamRun[]>
  /** The log of a complete run, whole. */
  downloadLog (id: string): Promise<Buffer>
  /** Ends every call, now and from now on. */
  close (): void
}

/** A client of Jetstream's cloud API. */
export function createJetstreamClient (options: JetstreamClientOptions): JetstreamClient {
  const { url, token, timeoutMs = 30_000, maxLogBytes = 50 * 1024 ** 2 } = options
  const calls = new Set<AbortController>()
  let isClosed = false

  async function call<T> (path: string, read: (response: Response) => Promise<T>): Promise<T> {
    // Not AbortSignal.any of an AbortSignal.timeout: Node 20 may collect that before its time, and the call never ends.
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(new DOMException('too late', 'TimeoutError')), timeoutMs)
    calls.add(abort)
    if (isClosed) abort.abort()
    return await ask(path, read, abort.signal).finally(() => {
      clearTimeout(timer)
      calls.delete(abort)
    })
  }

  async function ask<T> (path: string, read: (response: Response) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` }, signal })
      if (!response.ok) {
        await response.body?.cancel()
        throw new JetstreamError('status', `Jetstream answered with status ${response.status}.`)
      }
      return await read(response)
    } catch (error) {
      if (isClosed) throw new JetstreamError('closed', 'This service is closing.', { cause: error })
      throw asJetstreamError(error, timeoutMs)
    }
  }

  return {
    listRuns: since => call(since === undefined ? '/runs' : `/runs?since=${encodeURIComponent(since)}`, readRuns),
    downloadLog: id => call(`/runs/${encodeURIComponent(id)}/log`, response => readLog(response, maxLogBytes)),
    close () {
      isClosed = true
      for (const abort of calls) abort.abort()
    }
  }
}

async function readRuns (response: Response): Promise<JetstreamRun[]> {
  const { runs } = Object(await response.json())
  if (!Array.isArray(runs) || !runs.every(isRun)) {
    throw new JetstreamError('answer', 'Jetstream answered with something that is no list of runs.')
  }
  return runs
}

async function readLog (response: Response, maxLogBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    // Leaving the loop cancels the download.
    if (bytes > maxLogBytes) throw new JetstreamError('answer', `Jetstream sent a log of more than ${maxLogBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function asJetstreamError (error: unknown, timeoutMs: number): JetstreamError {
  if (error instanceof JetstreamError) return error
  if (error instanceof SyntaxError) return new JetstreamError('answer', 'Jetstream answered with invalid JSON.', { cause: error })
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new JetstreamError('timeout', `Jetstream did not answer within ${timeoutMs} ms.`, { cause: error })
  }
  return new JetstreamError('network', 'Jetstream could not be reached.', { cause: error })
}
