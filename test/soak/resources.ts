import { measureFiles } from './directory.js'
import type { Faults } from './faults.js'
import { Growth } from './growth.js'
import type { ResourceReport } from './messages.js'

/** The most files of a slot: the owner, the base, three of an epoch, samples, each also while it is replaced. */
const MAX_FILES_PER_SLOT = 16
/** The most bytes of shared files, and the most exposed samples. Both depend on `maxSeries` and the number of slots. */
const MAX_BYTES = 1.5e6
const MAX_SAMPLES = 15_000
/** With fewer requests, some labels still have new values at the end. */
const MIN_REQUESTS_OF_GROWTH = 10_000

/** What must stay bounded in a run: memory, open files, shared files and series. */
export class Resources {
  readonly #temporaryDirectory: string
  readonly #memory = new Growth({ name: 'bytes of the process that is never killed', share: 0.1, amount: 8e6 })
  readonly #openFiles = new Growth({ name: 'its open files', share: 0.1, amount: 20 })
  readonly #sharedBytes = new Growth({ name: 'bytes of shared files', share: 0.1, amount: 1e5 })
  readonly #samples = new Growth({ name: 'exposed samples', share: 0.1, amount: 2000 })
  #mostFiles = 0

  constructor (temporaryDirectory: string) {
    this.#temporaryDirectory = temporaryDirectory
  }

  /** Adds the state at one time, and how many samples the last scrape had. */
  add ({ bytes, openFiles }: ResourceReport, samples: number): void {
    this.#memory.add(bytes)
    this.#openFiles.add(openFiles)
    this.#samples.add(samples)
    const files = measureFiles(this.#temporaryDirectory)
    this.#sharedBytes.add(files.bytes)
    this.#mostFiles = Math.max(this.#mostFiles, files.count)
  }

  /** Reports what is not bounded. `processes` is the largest number of processes at a time. */
  check (faults: Faults, { processes, requests }: { readonly processes: number, readonly requests: number }): void {
    const hasAllLabels = requests >= MIN_REQUESTS_OF_GROWTH
    const growths = [this.#memory, this.#openFiles, ...hasAllLabels ? [this.#sharedBytes, this.#samples] : []]
    for (const fault of growths.flatMap(growth => growth.fault)) faults.add(fault)
    for (const [growth, limit] of [[this.#sharedBytes, MAX_BYTES], [this.#samples, MAX_SAMPLES]] as const) {
      if (growth.highest > limit) faults.add(`${growth.summary}; at most ${limit} are expected`)
    }
    const most = 2 * MAX_FILES_PER_SLOT * processes
    if (this.#mostFiles > most) faults.add(`${this.#mostFiles} shared files, more than ${most}`)
  }

  get summary (): string[] {
    const growths = [this.#memory, this.#openFiles, this.#sharedBytes, this.#samples]
    return [
      ...growths.map(({ summary }) => `${summary} (medians of the thirds of the run)`),
      `shared files: at most ${this.#mostFiles}`
    ]
  }
}

/** Reports what is still open of what was opened since, when a process has no clients any more. */
export function checkClosed (faults: Faults, before: ResourceReport, after: ResourceReport): void {
  if (after.openFiles > before.openFiles) {
    faults.add(`${before.openFiles} files were open at first, ${after.openFiles} are at the end`)
  }
  for (const [type, count] of Object.entries(after.resources)) {
    const first = before.resources[type] ?? 0
    if (count > first) faults.add(`there were ${first} active ${type} at first, ${count} are at the end`)
  }
}
