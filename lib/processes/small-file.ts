import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

// Windows has neither.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/**
 * The text of a regular file of at most `maxBytes`; `undefined` for anything else, such as a symbolic link, a pipe, a
 * larger file, or one that cannot be read.
 */
export function readSmallFile (path: string, maxBytes: number): string | undefined {
  try {
    // Opening a pipe would otherwise wait for its writer.
    const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      return fstatSync(descriptor).isFile() ? readAll(descriptor, maxBytes) : undefined
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}

function readAll (descriptor: number, maxBytes: number): string | undefined {
  // One more byte shows whether the file is larger, also if it grows after its size was read.
  const bytes = Buffer.alloc(maxBytes + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < bytes.length; length += read) {
    read = readSync(descriptor, bytes, { offset: length })
  }
  return length > maxBytes ? undefined : bytes.toString('utf8', 0, length)
}
