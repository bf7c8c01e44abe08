import type { Http2Stream } from 'node:http2'

/** Milliseconds between two looks at the streams that are followed. */
const LOOK_INTERVAL = 500

interface Followed {
  readonly stream: Http2Stream
  readonly over: () => void
  /** Whether it was closed at the last look. */
  wasClosed: boolean
}

const followed = new Set<Followed>()
let looking: NodeJS.Timeout | undefined

/** The stream that a request or a response of Node comes over, if it is one of HTTP/2. */
export function streamOf (message: object): Http2Stream | undefined {
  return (message as { readonly stream?: Http2Stream }).stream
}

/**
 * Calls back when a stream is over, once or more often. Until Node 26 its `close` is not enough: when its client resets it
 * without an error while bytes wait to be sent or read, Node tells no more than `aborted`, and nothing at all of a response
 * that has been ended. Neither stream nor session then closes, so that a look now and then is what is left.
 */
export function onceOver (stream: Http2Stream, listener: () => void): void {
  const one: Followed = {
    stream,
    over () {
      followed.delete(one)
      listener()
    },
    wasClosed: false
  }
  followed.add(one)
  stream.once('aborted', one.over)
  stream.once('close', one.over)
  if (looking === undefined) {
    looking = setInterval(look, LOOK_INTERVAL)
    looking.unref()
  }
}

function look (): void {
  for (const one of followed) {
    // Twice, since one that comes to a good end is closed for a moment, too, before it tells.
    if (one.wasClosed) one.over()
    one.wasClosed = one.stream.closed
  }
  if (followed.size > 0) return
  clearInterval(looking)
  looking = undefined
}
