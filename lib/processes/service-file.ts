import { join } from 'node:path'
import { isObject } from '../util/is-object.js'
import { nodeFileSystem } from './file-system.js'
import type { ThreadIdentity } from './owner.js'
import { parseIdentity } from './parse-owner.js'
import { replaceFile } from './replace-file.js'
import { readSmallFile, readSmallJson } from './small-file.js'
import { temporaryName } from './temporary-name.js'

/** The name of the file in a default directory that says to which service the directory belongs. */
export const SERVICE_FILE = 'service'

/** Bytes of the largest file that is read. */
const MAX_BYTES = 16 * 1024

/** UTF-16 units of the longest string that is written. Only people read these strings. */
const MAX_STRING = 256

/** The service that a default directory belongs to. */
export interface ServiceRecord {
  /** The primary of the cluster, which is PM2's daemon under PM2. */
  readonly primary: ThreadIdentity
  /** The name of the application in PM2; `null` without PM2. */
  readonly application: string | null
  readonly metricPrefix: string
  readonly url: string
}

/** Writes the record of a service, unless the directory has the same one. */
export function writeServiceFile (directory: string, record: ServiceRecord): void {
  const path = join(directory, SERVICE_FILE)
  const text = `${JSON.stringify(record, shorten)}\n`
  if (readSmallFile(path, MAX_BYTES) === text) return
  const temporaryPath = join(directory, temporaryName('service'))
  replaceFile(nodeFileSystem, { path, temporaryPath }, [Buffer.from(text)])
}

function shorten (_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, MAX_STRING) : value
}

/** Reads the primary of the service that a directory belongs to; `undefined` if the file is missing or invalid. */
export function readPrimary (directory: string): ThreadIdentity | undefined {
  const record = readSmallJson(join(directory, SERVICE_FILE), MAX_BYTES)
  return isObject(record) ? parseIdentity(record['primary']) : undefined
}
