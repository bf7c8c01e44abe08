import { isDeepStrictEqual } from 'node:util'
import type { SeriesSource } from '../registry/registry.js'
import { MAX_SMALL } from './byte-writer.js'
import type { ByteWriter } from './byte-writer.js'
import type { Format } from './format.js'
import { LabelBytes } from './label-bytes.js'
import { formatLabels, withDefaults } from './rows.js'
import type { GivenLabels } from './rows.js'

/** The labels of one series, behind the name that they follow. */
export interface Prefix {
  readonly whole: Uint8Array
  /** The labels alone, with the comma behind the last. */
  readonly labels: Uint8Array
}

/** Text as bytes. */
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

const CLOSE = encode('} ')

/** The bytes that the longest number in decimal takes, with a space before and a newline behind it. */
export const NUMBER = 28

/**
 * What the renderers of our own metrics share: the bytes of the labels of their series, made once and kept, and put
 * behind a name without a string or an object for each series.
 */
export abstract class SeriesRenderer<Source extends SeriesSource = SeriesSource> {
  protected readonly source: Source
  readonly #defaultLabels: GivenLabels
  readonly #labels = new LabelBytes()
  readonly #name: Uint8Array
  readonly #prefixes = new Map<number, Prefix>()

  /** `name` is what stands before the labels. */
  constructor (source: Source, defaultLabels: GivenLabels, name: string) {
    this.source = source
    this.#defaultLabels = { ...defaultLabels }
    this.#name = encode(name)
  }

  /** Pauses between series, never within one: what it says of one series is of one moment. */
  abstract write (writer: ByteWriter, format: Format): Generator<void>

  /** Whether it was made for default labels that say the same. */
  fits (defaultLabels: GivenLabels): boolean {
    return isDeepStrictEqual(defaultLabels, this.#defaultLabels)
  }

  /** The prefix of a series, until that of the next is asked for. */
  protected prefixOf (i: number): Prefix {
    if (i === this.#labels.length) this.#labels.add(this.#makeLabels(i))
    const length = this.#labels.lengthOf(i)
    // One per length, since copying an array whole needs no object, which a part of one does.
    let prefix = this.#prefixes.get(length)
    if (prefix === undefined) {
      const whole = new Uint8Array(this.#name.length + length)
      whole.set(this.#name)
      prefix = { whole, labels: whole.subarray(this.#name.length) }
      this.#prefixes.set(length, prefix)
    }
    this.#labels.copy(i, prefix.whole, this.#name.length)
    return prefix
  }

  /** Closes the labels that were just written; the comma behind the last is for one more. */
  protected closeLabels (writer: ByteWriter, { labels }: Prefix): void {
    if (labels.length > 0) writer.takeBack()
    writer.bytes(CLOSE)
  }

  /** As an integer where it is one of V8's small ones: it allocates 16 B for every other number that it hands on. */
  protected writeCount (writer: ByteWriter, count: number): void {
    if (count <= MAX_SMALL) writer.count(count | 0)
    else writer.ascii(String(count))
    writer.newline()
  }

  #makeLabels (i: number): Uint8Array {
    const labels = formatLabels(withDefaults(this.source.series[i]?.labels, this.#defaultLabels))
    return encode(labels === '' ? '' : `${labels},`)
  }
}
