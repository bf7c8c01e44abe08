import type { Log } from '../../../examples/dynoai-api/dyno-log/log.js'

/** Returns a log in memory with this text. */
export function toLog (text: string | Uint8Array): Log {
  return { bytes: typeof text === 'string' ? Buffer.from(text) : text }
}
