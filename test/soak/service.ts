import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Faults } from './faults.js'
import type { Ledger } from './ledger.js'
import type { Command, EndKind, Notice, PrimarySettings, ResourceReport } from './messages.js'

const PROGRAM = fileURLToPath(new URL('primary-process.js', import.meta.url))

/** How long the primary may take to respond, in milliseconds. */
const MAX_RESPONSE = 120_000
/** The end of a worker explains what fails so long before or after it, in milliseconds. */
const MAX_EFFECT = 5000

export interface ServiceOptions extends PrimarySettings {
  /** The temporary directory, below which the processes share files. */
  readonly temporaryDirectory: string
  readonly ledger: Ledger
  readonly faults: Faults
}

/** A service of several processes. */
export class Service {
  readonly origin: string
  /** How many workers have ended, by how. */
  readonly ends: Record<EndKind, number> = { kill: 0, exit: 0, close: 0, reload: 0 }
  readonly #child: ChildProcess
  readonly #notices: EventEmitter
  readonly #options: ServiceOptions
  /** When the end of each worker began, and when it was over. */
  readonly #endings = new Map<number, { from: number, to: number }>()

  private constructor (child: ChildProcess, { origin }: { origin: string }, options: ServiceOptions) {
    this.#child = child
    this.origin = origin
    this.#options = options
    this.#notices = new EventEmitter()
    child.on('message', (notice: Notice) => {
      this.#receive(notice)
      this.#notices.emit(notice.type, notice)
    })
    child.once('exit', () => { this.#notices.emit('error', new Error('The primary has exited')) })
    this.#notices.on('error', () => {}) // whoever waits fails
  }

  static async start (options: ServiceOptions): Promise<Service> {
    const { temporaryDirectory, workers, seed } = options
    // Without the modules with which tap measures coverage, a process starts faster.
    const env = { ...process.env, NODE_OPTIONS: '', TMPDIR: temporaryDirectory }
    const child = fork(PROGRAM, [JSON.stringify({ workers, seed })], { env, execArgv: [] })
    const [notice] = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(MAX_RESPONSE) }),
      once(child, 'exit').then(([code]) => { throw new Error(`The primary exited with ${code}`) })
    ])
    return new Service(child, notice, options)
  }

  disturb (pause: number): void {
    this.#send({ type: 'disturb', pause })
  }

  /** Ends no more workers, and waits until as many run as at the start. */
  async calm (): Promise<void> {
    await this.#request({ type: 'calm' }, 'calm')
  }

  /** Replaces all workers but the one that is never killed. */
  async replace (kind: EndKind): Promise<void> {
    await this.#request({ type: 'replace', kind }, 'calm')
  }

  /** Reports on the worker that is never killed; with `isIdle` once it has no connection. */
  async report ({ isIdle }: { readonly isIdle: boolean }): Promise<ResourceReport> {
    const notice = await this.#request({ type: 'report', isIdle }, 'report')
    return (notice as Extract<Notice, { type: 'report' }>).report
  }

  /**
   * Whether the end of a worker explains that a request failed; without a worker, the end of any. Waits for the
   * primary, which may still have to report it.
   */
  async explainsFailure (since: number, worker?: number): Promise<boolean> {
    const latest = Date.now() + MAX_EFFECT
    while (!this.#hasEnded(since, worker)) {
      if (Date.now() > latest) return false
      await delay(50)
    }
    return true
  }

  /** Kills the primary. Its workers exit, since they are disconnected from it. */
  async kill (): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  /** Ends the primary and all workers. */
  async stop (): Promise<void> {
    if (!this.#child.connected) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }

  #hasEnded (since: number, worker: number | undefined): boolean {
    const endings = worker === undefined
      ? [...this.#endings.values()]
      : [this.#endings.get(worker)].filter(ending => ending !== undefined)
    return endings.some(({ from, to }) => from <= Date.now() && to >= since - MAX_EFFECT)
  }

  #receive (notice: Notice): void {
    const { ledger, faults } = this.#options
    if (notice.type === 'fault') {
      faults.add(notice.message)
    } else if (notice.type === 'ending') {
      this.#endings.set(notice.worker, { from: Date.now(), to: Infinity })
    } else if (notice.type === 'ended') {
      const { worker, kind, safeUntil } = notice
      this.ends[kind]++
      const ending = this.#endings.get(worker)
      if (ending !== undefined) ending.to = Date.now()
      ledger.endWorker(worker, safeUntil)
    }
  }

  async #request (command: Command, response: Notice['type']): Promise<Notice> {
    const received = once(this.#notices, response, { signal: AbortSignal.timeout(MAX_RESPONSE) })
    this.#send(command)
    const [notice] = await received
    return notice
  }

  #send (command: Command): void {
    this.#child.send(command)
  }
}
