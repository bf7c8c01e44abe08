import { lstatSync } from 'node:fs'

/** When a file was last written, in milliseconds since 1970; `Infinity` if it does not exist. */
export function lastWrite (path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
}
