import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Sink } from '../exposition/scrape.js'

/** For how long a scraper may take nothing of what it is sent, in milliseconds; its own time-out is mostly shorter. */
export const STALLED_AFTER = 30_000

/** A response as the end of an exposition. */
export interface ResponseSink extends Sink {
  /** Ends the response, and resolves when all of it has been handed on. */
  end (): Promise<void>
}

/**
 * Sends chunks one after the other, compressed if asked for, each when the one before has been taken: so no more than
 * one waits for a slow scraper. Rejects when the scraper leaves, or takes nothing for too long and is cut off.
 */
export function responseSink (response: ServerResponse, gzip: boolean): ResponseSink {
  // Level 1, since the default takes three times as long.
  const compressor = gzip ? createGzip({ level: 1 }) : null
  const target: Writable = compressor ?? response
  compressor?.pipe(response)

  let reject = (_reason: Error): void => {}
  const fail = (reason: Error): void => { reject(reason) }
  target.once('error', fail)
  response.once('close', () => {
    target.destroy()
    fail(new Error('the scraper left'))
  })

  // A callback alone does not do: a write to a scraper that has left is never called back.
  const settle = async (start: (done: () => void) => void): Promise<void> => {
    let stalled: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, _reject) => {
        reject = _reject
        if (response.destroyed) return fail(new Error('the scraper left'))
        stalled = setTimeout(() => { response.destroy() }, STALLED_AFTER).unref()
        start(resolve)
      })
    } finally {
      clearTimeout(stalled)
    }
  }
  return {
    write: async chunk => await settle(done => { target.write(chunk, err => { if (!err) done() }) }),
    end: async () => await settle(done => {
      response.once('finish', done)
      target.end()
    })
  }
}
