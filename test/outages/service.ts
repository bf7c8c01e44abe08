import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { FaultName } from './faults/index.js'

/** The settings of one service of a process. */
export interface ServiceSettings {
  readonly fault: FaultName
  /** For what the processes of its job share. */
  readonly directory: string
  /** @default a free port */
  readonly port?: number
  /** Whether it is broken from its start. @default false */
  readonly isBroken?: boolean
}

/** A message to a process: the indices of services that break. */
export interface ServiceMessage {
  readonly broken: readonly number[]
}

const PROGRAM = fileURLToPath(new URL('service-process.js', import.meta.url))
/** How long a process may take to start on a busy machine, in milliseconds. */
const MAX_START = 60_000

/** A process with one or more services. */
export class ServiceProcess {
  #settings: readonly ServiceSettings[]
  readonly #limits: string
  #child: ChildProcess | undefined

  /** `maxFiles` limits its file descriptors. */
  constructor (settings: readonly ServiceSettings[], maxFiles?: number) {
    this.#settings = settings
    this.#limits = maxFiles === undefined ? '' : `ulimit -n ${maxFiles} && `
  }

  /** The addresses of its services, such as `127.0.0.1:5001`. */
  get targets (): string[] {
    return this.#settings.map(({ port }) => `127.0.0.1:${port}`)
  }

  /** Breaks services; all by default. */
  break (indices = [...this.#settings.keys()]): void {
    const message: ServiceMessage = { broken: indices }
    this.#child?.send(message)
  }

  /** Ends the process with SIGKILL, as the kernel does when memory is short. */
  async kill (): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** Stops the process with SIGSTOP: it runs no code, and keeps its memory and its sockets. */
  stop (): void {
    this.#child?.kill('SIGSTOP')
  }

  /** Kills the process and starts it again on the same ports. */
  async restart ({ isBroken = false } = {}): Promise<void> {
    await this.kill()
    this.#settings = this.#settings.map(settings => ({ ...settings, isBroken }))
    await this.start()
  }

  /** Starts the process, and waits until its services listen. */
  async start (): Promise<void> {
    const command = `${this.#limits}exec "$0" "$@"`
    // Without the modules with which tap measures coverage, a process starts faster.
    const env = { ...process.env, NODE_OPTIONS: '' }
    const child = spawn('sh', ['-c', command, execPath, PROGRAM, JSON.stringify(this.#settings)], {
      env, stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    })
    this.#child = child
    const started = new AbortController()
    // Not AbortSignal.timeout: Node 20 can collect one that only AbortSignal.any refers to, and it never aborts.
    const timeout = setTimeout(() => {
      started.abort(new Error(`A service did not start within ${MAX_START} ms`))
    }, MAX_START)
    try {
      const { signal } = started
      const [ports]: number[][] = await Promise.race([
        once(child, 'message', { signal }),
        once(child, 'exit', { signal }).then(([code]) => { throw new Error(`A service exited with ${code}`) })
      ])
      this.#settings = this.#settings.map((settings, i) => ({ ...settings, port: Number(ports?.[i]) }))
    } catch (error) {
      await this.kill()
      throw error
    } finally {
      clearTimeout(timeout)
      started.abort()
    }
  }
}
