import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ServiceProcess } from './service.js'

/** One instance of a job: a service of a process. */
export interface Instance {
  readonly process: ServiceProcess
  /** The index of the service in its process. */
  readonly index: number
}

interface Discovery {
  readonly directory: string
  /** How many instances it finds at first. */
  readonly discovered: number | undefined
}

/** A job with its instances, which Prometheus discovers from a file. */
export class RunningJob {
  readonly name: string
  readonly instances: readonly Instance[]
  readonly #file: string

  private constructor (name: string, instances: readonly Instance[], file: string) {
    this.name = name
    this.instances = instances
    this.#file = file
  }

  /** Writes the targets of a job to a file of a directory. */
  static async create (
    name: string, instances: readonly Instance[], { directory, discovered }: Discovery
  ): Promise<RunningJob> {
    const job = new RunningJob(name, instances, join(directory, `${name}.json`))
    await job.setTargets(job.targets.slice(0, discovered))
    return job
  }

  get targets (): string[] {
    return this.instances.map(({ process, index }) => String(process.targets[index]))
  }

  /** Breaks the first instances; all by default. */
  break (count = this.instances.length): void {
    for (const { process, index } of this.instances.slice(0, count)) process.break([index])
  }

  /** Changes what discovery finds, at once: a half-written file would be an error. */
  async setTargets (targets: readonly string[]): Promise<void> {
    await writeFile(`${this.#file}.new`, JSON.stringify([{ targets }]))
    await rename(`${this.#file}.new`, this.#file)
  }

  /** The part of Prometheus' configuration. */
  scrapeConfig (settings: object = {}): object {
    return { job_name: this.name, file_sd_configs: [{ files: [this.#file], refresh_interval: '1s' }], ...settings }
  }
}
