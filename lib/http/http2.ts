import { AsyncResource } from 'node:async_hooks'
import { constants } from 'node:http2'
import type { Http2Stream } from 'node:http2'
import { unref } from '../util/unref.js'
import { raiseListenerLimit } from './listener-limit.js'

/** Milliseconds between two looks at the streams that are followed. */
const POLL_INTERVAL = 500

interface WatchedStream {
  readonly stream: Http2Stream
  readonly onEnd: () => void
  /** Whether it was forgotten at the last look. */
  wasDropped: boolean
}

const watched = new Set<WatchedStream>()
let pollTimer: NodeJS.Timeout | undefined

/** The stream that a request or a response of Node comes over, if it is one of HTTP/2. */
export function streamOf (message: object): Http2Stream | undefined {
  return (message as { readonly stream?: Http2Stream }).stream
}

/** Whether Node has told that a stream is over. */
export function isStreamEnded ({ destroyed, aborted }: Http2Stream): boolean {
  return destroyed || aborted
}

/**
 * Calls back once, when a stream is over, also if it already is.
 *
 * Until Node 26 its `close` is not enough: when its client resets it without an error while bytes wait to be sent or
 * read, Node tells no more than `aborted`, and nothing at all of a response that has been ended. Neither stream nor
 * session then closes, so that a look now and then is what is left.
 */
export function onceStreamEnded (stream: Http2Stream, listener: () => void): void {
  const entry: WatchedStream = {
    stream,
    // A look comes from wherever the first stream that is followed did.
    onEnd: AsyncResource.bind(() => { if (watched.delete(entry)) listener() }),
    wasDropped: false
  }
  watched.add(entry)
  if (isStreamEnded(stream)) {
    process.nextTick(entry.onEnd)
    return
  }
  raiseListenerLimit(stream)
  stream.once('aborted', entry.onEnd)
  stream.once('close', entry.onEnd)
  if (pollTimer === undefined) {
    pollTimer = setInterval(poll, POLL_INTERVAL)
    unref(pollTimer)
  }
}

function poll (): void {
  for (const entry of watched) {
    // Twice, since one that comes to a good end may be forgotten for a moment, too, before it tells.
    if (entry.wasDropped) entry.onEnd()
    entry.wasDropped = isDropped(entry.stream)
  }
  if (watched.size > 0) return
  clearInterval(pollTimer)
  pollTimer = undefined
}

/** Whether the session knows it no more: one that its own server has closed is known, and sends, until all is sent. */
function isDropped ({ closed, state }: Http2Stream): boolean {
  return closed && state.state === constants.NGHTTP2_STREAM_STATE_IDLE
}
