import { MalformedLogError } from './errors.js'

/**
 * Passes the chunks of a log through, and throws when a line that spans chunks is longer than `limit` characters. The
 * limit of a CSV parser does not count delimiters, and a row of empty fields needs many times the memory of its text.
 */
export async function * limitLines (chunks: AsyncIterable<string>, limit: number): AsyncGenerator<string> {
  let length = 0
  for await (const chunk of chunks) {
    const firstEnd = chunk.search(/[\r\n]/)
    length += firstEnd === -1 ? chunk.length : firstEnd
    if (length > limit) throw new MalformedLogError(`a line is longer than ${limit} characters`)
    if (firstEnd !== -1) length = chunk.length - 1 - Math.max(chunk.lastIndexOf('\n'), chunk.lastIndexOf('\r'))
    yield chunk
  }
}
