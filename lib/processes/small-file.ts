import { InputFile, nodeFileSystem } from './file-system.js'

/**
 * The text of a regular file of at most `maxBytes`; `undefined` for anything else, such as a symbolic link, a pipe, a
 * larger file, or one that cannot be read.
 */
export function readSmallFile (path: string, maxBytes: number): string | undefined {
  try {
    const file = new InputFile(nodeFileSystem, path)
    try {
      // One more byte shows whether the file is larger, also if it grows after its size was read.
      const bytes = Buffer.alloc(maxBytes + 1)
      const length = file.read(bytes, 0)
      return length > maxBytes ? undefined : bytes.toString('utf8', 0, length)
    } finally {
      file.close()
    }
  } catch {
    return undefined
  }
}

/** The value of a regular file with JSON of at most `maxBytes`; `undefined` for anything else. */
export function readSmallJson (path: string, maxBytes: number): unknown {
  return parseJson(readSmallFile(path, maxBytes))
}

/** The value of a JSON text; `undefined` for anything else. */
export function parseJson (text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
