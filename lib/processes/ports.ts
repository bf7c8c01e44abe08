import { join } from 'node:path'
import { outdatedPorts, portFileName } from './file-names.js'
import { nodeFileSystem, tryUnlink } from './file-system.js'
import type { Problems } from './problems.js'
import { replaceFile } from './replace-file.js'
import { highestGeneration } from './slot-names.js'
import type { OwnedSlot, Slot } from './slots.js'
import { readSmallFile } from './small-file.js'
import { temporarySlotName } from './temporary-name.js'

/** Bytes of the largest file that is read: a path of a socket has at most 108. */
const MAX_BYTES = 512

export interface PortsOptions {
  readonly directory: string
  /** Where this process answers scrapes, as `host:port` or the path of a socket; `null` as long as it does not. */
  readonly address: () => string | null
  readonly problems: Problems
}

/** Where the processes of a service answer scrapes: each says so in a file. */
export class Ports {
  readonly #options: PortsOptions
  /** Where this process has said that it answers. */
  #address: string | null = null
  /** The file in which it has said so. */
  #name = ''
  /** What the files of other processes say, by name. */
  readonly #known = new Map<string, string>()

  constructor (options: PortsOptions) {
    this.#options = options
  }

  /**
   * Says where this process answers, if it has not yet.
   * @throws an error of the operating system
   */
  announce ({ slot, generation }: OwnedSlot): void {
    const address = this.#options.address()
    const name = portFileName(slot, generation)
    if (name !== this.#name) this.#deleteOutdated(slot, generation)
    if (address !== null && (address !== this.#address || name !== this.#name)) {
      this.#write(name, address)
      this.#address = address
    }
    this.#name = name
  }

  /** Says no more where this process answers. */
  close (): void {
    if (this.#address !== null) tryUnlink(nodeFileSystem, this.#path(this.#name))
    this.#address = null
  }

  /** Reports each other running process that answers at another port. */
  check (slots: readonly Slot[], own: OwnedSlot): void {
    const address = this.#address
    if (address === null) return
    for (const other of this.#newAddresses(slots, own)) {
      if (portOf(other) === portOf(address)) continue
      const err = new Error(`This process answers scrapes at ${address}, and another one at ${other}`)
      this.#options.problems.report('ports', err)
    }
  }

  /** What files say that were not read before. */
  #newAddresses (slots: readonly Slot[], own: OwnedSlot): string[] {
    const names = new Set(slots.flatMap(({ slot, generation, isOwned, files }) =>
      isOwned && slot !== own.slot && highestGeneration(files.port) === generation
        ? portFileName(slot, generation)
        : []))
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
    return [...names].flatMap(name => {
      const address = this.#known.has(name) ? undefined : readSmallFile(this.#path(name), MAX_BYTES)
      if (address === undefined) return []
      this.#known.set(name, address)
      return address
    })
  }

  #write (name: string, address: string): void {
    const temporaryPath = this.#path(temporarySlotName(name))
    replaceFile(nodeFileSystem, { path: this.#path(name), temporaryPath }, [Buffer.from(address)])
  }

  #deleteOutdated (slot: number, generation: number): void {
    const outdated = outdatedPorts(nodeFileSystem.readdirSync(this.#options.directory), slot, generation)
    for (const name of outdated) tryUnlink(nodeFileSystem, this.#path(name))
  }

  #path (name: string): string {
    return join(this.#options.directory, name)
  }
}

/** The port of an address; the path of a socket. */
function portOf (address: string): string {
  return address.slice(address.lastIndexOf(':') + 1)
}
