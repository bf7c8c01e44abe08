import { BinaryLogError } from './errors.js'

/** An encoding of a text file that the example reads. */
export type Encoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252'

/**
 * Determines the encoding of a complete log. A log is UTF-16 only with a byte order mark. A log that is not valid UTF-8
 * is Windows-1252, the encoding of Western Windows programs.
 */
export async function detectEncoding (chunks: AsyncIterable<Uint8Array>): Promise<Encoding> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let isFirst = true
  try {
    for await (const chunk of chunks) {
      const [first, second] = chunk
      if (isFirst && first === 0xff && second === 0xfe) return 'UTF-16LE'
      if (isFirst && first === 0xfe && second === 0xff) return 'UTF-16BE'
      isFirst = false
      utf8.decode(chunk, { stream: true })
    }
    // Not `utf8.decode()`: the last character may be incomplete when the recording was interrupted.
    return 'UTF-8'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'Windows-1252'
    throw error
  }
}

/** Decodes a log and drops its byte order mark; throws when the first chunk contains NUL, which no text does. */
export async function * decode (chunks: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  let isFirst = true
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true })
    if (isFirst && text.includes('\0')) throw new BinaryLogError()
    isFirst = false
    yield text
  }
  yield decoder.decode()
}
