import { AsyncResource } from 'node:async_hooks'
import { constants } from 'node:http2'
import type { Http2Stream } from 'node:http2'
import { unref } from '../util/unref.js'
import { makeRoom } from './listener-room.js'

/** Milliseconds between two looks at the streams that are followed. */
const LOOK_INTERVAL = 500

interface Followed {
  readonly stream: Http2Stream
  readonly over: () => void
  /** Whether it was forgotten at the last look. */
  wasForgotten: boolean
}

const followed = new Set<Followed>()
let looking: NodeJS.Timeout | undefined

/** The stream that a request or a response of Node comes over, if it is one of HTTP/2. */
export function streamOf (message: object): Http2Stream | undefined {
  return (message as { readonly stream?: Http2Stream }).stream
}

/** Whether Node has told that a stream is over. */
export function isStreamOver ({ destroyed, aborted }: Http2Stream): boolean {
  return destroyed || aborted
}

/**
 * Calls back once, when a stream is over, also if it already is.
 *
 * Until Node 26 its `close` is not enough: when its client resets it without an error while bytes wait to be sent or
 * read, Node tells no more than `aborted`, and nothing at all of a response that has been ended. Neither stream nor
 * session then closes, so that a look now and then is what is left.
 */
export function onceOver (stream: Http2Stream, listener: () => void): void {
  const one: Followed = {
    stream,
    // A look comes from wherever the first stream that is followed did.
    over: AsyncResource.bind(() => { if (followed.delete(one)) listener() }),
    wasForgotten: false
  }
  followed.add(one)
  if (isStreamOver(stream)) {
    process.nextTick(one.over)
    return
  }
  makeRoom(stream)
  stream.once('aborted', one.over)
  stream.once('close', one.over)
  if (looking === undefined) {
    looking = setInterval(look, LOOK_INTERVAL)
    unref(looking)
  }
}

function look (): void {
  for (const one of followed) {
    // Twice, since one that comes to a good end may be forgotten for a moment, too, before it tells.
    if (one.wasForgotten) one.over()
    one.wasForgotten = isForgotten(one.stream)
  }
  if (followed.size > 0) return
  clearInterval(looking)
  looking = undefined
}

/** Whether the session knows it no more: one that its own server has closed is known, and sends, until all is sent. */
function isForgotten ({ closed, state }: Http2Stream): boolean {
  return closed && state.state === constants.NGHTTP2_STREAM_STATE_IDLE
}
