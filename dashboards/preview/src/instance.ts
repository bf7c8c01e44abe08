import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** What a process of the service is started with. */
export interface ServiceSettings {
  readonly version: string
  /** Whether this version has the fault of the incident. */
  readonly isFaulty: boolean
  /** 0 for any free port. */
  readonly port: number
  /** Where uploads are stored. */
  readonly directory: string
  readonly jetstream: { readonly url: string, readonly token: string }
}

interface InstanceOptions {
  /** The compiled `service.ts`. */
  readonly program: string
  readonly settings: Pick<ServiceSettings, 'directory' | 'jetstream'>
  /** Called if the process ends without having been told to. */
  onFailure (error: Error): void
}

/** A process of the example service that is replaced at every deployment. */
export class Instance {
  readonly #program: string
  readonly #settings: Pick<ServiceSettings, 'directory' | 'jetstream'>
  readonly #onFailure: (error: Error) => void
  #child: ChildProcess | undefined
  #port = 0

  constructor ({ program, settings, onFailure }: InstanceOptions) {
    this.#program = program
    this.#settings = settings
    this.#onFailure = onFailure
  }

  /** The address on loopback that it listens on. */
  get origin (): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Replaces the process by one with this version. The port stays the same, because Prometheus scrapes it. */
  async deploy (version: string, { isFaulty = false } = {}): Promise<void> {
    await this.close()
    const settings: ServiceSettings = { ...this.#settings, version, isFaulty, port: this.#port }
    const child = fork(this.#program, [JSON.stringify(settings)])
    this.#child = child
    child.once('exit', () => {
      if (this.#child === child) this.#onFailure(new Error(`The example service, version ${version}, has ended.`))
    })
    const started = once(child, 'message').then(([address]) => address as AddressInfo)
    const address = await Promise.race([started, once(child, 'exit').then(() => undefined)])
    if (address === undefined) throw new Error(`The example service, version ${version}, did not start.`)
    this.#port = address.port
  }

  async close (): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    this.#child = undefined
    const exited = once(child, 'exit')
    child.kill()
    await exited
  }
}
