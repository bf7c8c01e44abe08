import { AsyncResource } from 'node:async_hooks'
import { constants } from 'node:http2'
import type { Http2Stream } from 'node:http2'
import { unref } from '../util/unref.js'
import { raiseListenerLimit } from './listener-limit.js'

/** Milliseconds between two polls of the watched streams. */
const POLL_INTERVAL = 500

interface WatchedStream {
  readonly stream: Http2Stream
  readonly onEnd: () => void
  /** Whether nghttp2 had dropped the stream at the last poll. */
  wasDropped: boolean
}

const watched = new Set<WatchedStream>()
let pollTimer: NodeJS.Timeout | undefined

/** The stream of a request or response of Node over HTTP/2; `undefined` over HTTP/1. */
export function streamOf (message: object): Http2Stream | undefined {
  return (message as { readonly stream?: Http2Stream }).stream
}

/** Whether Node has reported the end of a stream. */
export function isStreamEnded ({ destroyed, aborted }: Http2Stream): boolean {
  return destroyed || aborted
}

/**
 * Calls `listener` once, when a stream has ended, even if it already has.
 *
 * Until Node 26 its `close` event is not enough. When a client resets a stream without an error while bytes wait to be
 * sent or read, Node emits only `aborted`, and no event if the response has been ended. Neither the stream nor the
 * session closes then, so the stream must be polled.
 */
export function onceStreamEnded (stream: Http2Stream, listener: () => void): void {
  const entry: WatchedStream = {
    stream,
    // Bound, because the poll runs in the async context of the stream that started the timer.
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
    // Only after two polls in a row: nghttp2 may also drop a stream that ends normally, shortly before its event.
    if (entry.wasDropped) entry.onEnd()
    entry.wasDropped = isDropped(entry.stream)
  }
  if (watched.size > 0) return
  clearInterval(pollTimer)
  pollTimer = undefined
}

/** Whether nghttp2 has dropped a stream. It keeps a stream that the server has closed until all data is sent. */
function isDropped ({ closed, state }: Http2Stream): boolean {
  return closed && state.state === constants.NGHTTP2_STREAM_STATE_IDLE
}
