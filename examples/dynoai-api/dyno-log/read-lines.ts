import { MalformedLogError } from './errors.js'

/** Complete lines of a log. */
export interface Lines {
  /** The number of the first of them, counted from 1. */
  readonly first: number
  readonly texts: readonly string[]
}

/** Much longer than any line of a dyno log, and small enough to keep in memory. */
const MAX_LINE_LENGTH = 65_536

const END_OF_LINE = /\r\n|\n|\r/

/** Divides the text of a log into lines. Throws an error for a line with too many characters. */
export async function * readLines (
  chunks: AsyncIterable<string>, maxLength = MAX_LINE_LENGTH
): AsyncGenerator<Lines> {
  let first = 1
  let carried = ''
  for await (const chunk of chunks) {
    const text = carried + chunk
    // A line feed at the start of the next chunk would belong to this end of a line.
    const held = text.endsWith('\r') ? '\r' : ''
    const texts = text.slice(0, text.length - held.length).split(END_OF_LINE)
    const tooLong = texts.findIndex(({ length }) => length > maxLength)
    if (tooLong !== -1) {
      // The last one continues in the next chunk.
      const length = `${tooLong === texts.length - 1 ? 'at least ' : ''}${texts[tooLong]!.length}` // It was found.
      throw new MalformedLogError(`line ${first + tooLong} has ${length} characters; a line has at most ${maxLength}`)
    }
    carried = texts.pop()! + held // `split` returns at least one text.
    yield { first, texts }
    first += texts.length
  }
  if (carried !== '') yield { first, texts: [carried.replace('\r', '')] }
}
