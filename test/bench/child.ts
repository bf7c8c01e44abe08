import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process for one setup only, as in production: the other setups do not affect V8's caches in it. */
export interface Child<Ready, Response> {
  /** The message that the process sent when it was ready. */
  readonly ready: Ready
  /** Sends a request and waits for the response. */
  request (): Promise<Response>
  close (): Promise<void>
}

/** V8 flags for a young generation so large that no garbage collection runs while the hooks are measured. */
const LARGE_YOUNG_GENERATION = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']

/**
 * Starts a module of this folder as a process. The module sends one message when it is ready, and one message per
 * request.
 */
export async function startChild<Ready, Response> (
  module: string, args: ReadonlyArray<string | number>, execArgv: readonly string[] = LARGE_YOUNG_GENERATION
): Promise<Child<Ready, Response>> {
  const child = fork(new URL(module, import.meta.url), args.map(String), { execArgv: [...execArgv] })
  const exited = new AbortController()
  child.once('exit', () => { exited.abort(new Error(`${module} has exited`)) })
  const receive = async (): Promise<unknown> => {
    const [message] = await once(child, 'message', { signal: exited.signal })
    return message
  }
  return {
    ready: await receive() as Ready,
    async request () {
      const response = receive()
      child.send('measure')
      return await response as Response
    },
    async close () {
      child.disconnect()
      await once(child, 'exit')
    }
  }
}

/** Runs in the child process: reports that it is ready, then responds to the requests of the parent process. */
export function serveParent (ready: object, respond: () => object | Promise<object>, close: () => void): void {
  process.on('message', async () => { process.send?.(await respond()) })
  process.on('disconnect', close)
  process.send?.(ready)
}
