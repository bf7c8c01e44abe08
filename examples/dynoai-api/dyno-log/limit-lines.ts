import { MalformedLogError } from './errors.js'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Passes on the chunks of a log, and throws when a line that goes on from chunk to chunk has more than `limit` bytes. A CSV
 * parser's own limit counts no delimiters, and a row of empty fields takes many times the memory of its bytes.
 */
export async function * limitLines (chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let unended = 0
  for await (const chunk of chunks) {
    const first = chunk.findIndex(endsLine)
    unended += first === -1 ? chunk.length : first
    if (unended > limit) throw new MalformedLogError(`a line is longer than ${limit} bytes`)
    if (first !== -1) unended = chunk.length - 1 - chunk.findLastIndex(endsLine)
    yield chunk
  }
}

function endsLine (byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn
}
