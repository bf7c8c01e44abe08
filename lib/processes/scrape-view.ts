import type { FileSystem } from './file-system.js'
import type { OwnSource } from './merge-sources.js'
import { MergedFamilies } from './merged-families.js'
import type { MergeReport } from './merged-families.js'
import { SharedLabels } from './shared-series.js'
import { SlotReader } from './slot-reader.js'
import type { Slot } from './slots.js'

/** The merged families of one scrape, and what it has read of the slots. A later scrape reads only what is new. */
export class ScrapeView {
  readonly merged: MergedFamilies
  readonly #directory: string
  readonly #fs: FileSystem | undefined
  readonly #labels = new SharedLabels()
  readonly #readers = new Map<number, SlotReader>()

  constructor (directory: string, fs?: FileSystem) {
    this.#directory = directory
    this.#fs = fs
    this.merged = new MergedFamilies(this.#labels)
  }

  /** Merges the counts of all slots. Pauses regularly. */
  * merge (slots: readonly Slot[], own: OwnSource): Generator<void, MergeReport> {
    this.#closeOthers(new Set(slots.map(({ slot }) => slot)))
    const sources = slots.map(slot => {
      const { isOwned: isLiving, generation } = slot
      return { reader: this.#readerOf(slot.slot), isLiving, generation, names: namesOf(slot) }
    })
    return yield * this.merged.merge({ slots: sources, own })
  }

  #readerOf (slot: number): SlotReader {
    const known = this.#readers.get(slot)
    if (known !== undefined) return known
    const reader = new SlotReader({ directory: this.#directory, slot, labels: this.#labels, fs: this.#fs })
    this.#readers.set(slot, reader)
    return reader
  }

  /** The directory may have been removed, and its slots with it. */
  #closeOthers (slots: ReadonlySet<number>): void {
    for (const [slot, reader] of this.#readers) {
      if (slots.has(slot)) continue
      reader.close()
      this.#readers.delete(slot)
    }
  }
}

/**
 * A view for each scrape in progress, so that a slow scraper blocks no other. Between scrapes one is kept: each takes
 * about three times the memory of the series of one process. Another one at the same time reads all labels again.
 */
export class ScrapeViews {
  readonly #directory: string
  readonly #fs: FileSystem | undefined
  #free: ScrapeView | null = null

  constructor (directory: string, fs?: FileSystem) {
    this.#directory = directory
    this.#fs = fs
  }

  take (): ScrapeView {
    const view = this.#free ?? new ScrapeView(this.#directory, this.#fs)
    this.#free = null
    return view
  }

  release (view: ScrapeView): void {
    this.#free = view
  }
}

function namesOf ({ files }: Slot): string[] {
  return Object.values(files).flatMap(ofKind => ofKind.map(({ name }) => name))
}
