import { MalformedLogError } from './errors.js'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Passes the chunks of a log through, and throws when a line that spans chunks is longer than `limit` bytes. The limit
 * of a CSV parser does not count delimiters, and a row of empty fields needs many times the memory of its bytes.
 */
export async function * limitLines (chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let lineBytes = 0
  for await (const chunk of chunks) {
    const firstEnd = chunk.findIndex(isLineEnd)
    lineBytes += firstEnd === -1 ? chunk.length : firstEnd
    if (lineBytes > limit) throw new MalformedLogError(`a line is longer than ${limit} bytes`)
    if (firstEnd !== -1) lineBytes = chunk.length - 1 - chunk.findLastIndex(isLineEnd)
    yield chunk
  }
}

function isLineEnd (byte: number): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN
}
