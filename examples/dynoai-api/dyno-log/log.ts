import { createReadStream } from 'node:fs'
import { setImmediate } from 'node:timers/promises'

/** A dyno log that can be read from its start several times: a file, or bytes in memory. */
export type Log = { readonly path: string } | { readonly bytes: Uint8Array }

/** Size of the pieces in which a log is read. Other logs have their turn between two pieces. */
const CHUNK_BYTES = 65_536

/** Reads a log from its start, in pieces. */
export function readLog (log: Log): AsyncIterable<Uint8Array> {
  // The type of the chunks is `any`: without an encoding, they are buffers.
  return 'path' in log ? createReadStream(log.path, { highWaterMark: CHUNK_BYTES }) : slice(log.bytes)
}

async function * slice (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    // Bytes in memory have turns like a file, for which the thread waits.
    await setImmediate()
    yield bytes.subarray(start, start + CHUNK_BYTES)
  }
}
