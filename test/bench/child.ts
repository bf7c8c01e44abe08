import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of its own for one setup, as in production; what other setups leave in V8's caches does not reach it. */
export interface Child<Ready, Answer> {
  /** What it said when it was ready. */
  readonly ready: Ready
  /** Asks it once more for its answer. */
  ask (): Promise<Answer>
  close (): Promise<void>
}

/** So much room for young objects that none is collected while the hooks are measured. */
const ROOMY = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128']

/** Starts a module of this folder; it sends a message when it is ready, and one for every message that it gets. */
export async function startChild<Ready, Answer> (module: string, args: ReadonlyArray<string | number>, execArgv: readonly string[] = ROOMY): Promise<Child<Ready, Answer>> {
  const child = fork(new URL(module, import.meta.url), args.map(String), { execArgv: [...execArgv] })
  const left = new AbortController()
  child.once('exit', () => { left.abort(new Error(`${module} has ended`)) })
  const answer = async (): Promise<unknown> => {
    const [message] = await once(child, 'message', { signal: left.signal })
    return message
  }
  return {
    ready: await answer() as Ready,
    async ask () {
      const answered = answer()
      child.send('measure')
      return await answered as Answer
    },
    async close () {
      child.disconnect()
      await once(child, 'exit')
    }
  }
}

/** The other side: tells that this process is ready, and answers. */
export function serveParent (ready: object, answer: () => object | Promise<object>, close: () => void): void {
  process.on('message', async () => { process.send?.(await answer()) })
  process.on('disconnect', close)
  process.send?.(ready)
}
