import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import { streamOf } from './http2.js'

/** The status of a request whose response was not completed, whoever broke it; nginx's code for it. */
export const ABORTED = 499

// An array, since Node's own table is a dictionary to V8, whose lookup takes longer.
const MESSAGES = Array.from({ length: 600 }, (_, code) => STATUS_CODES[code] ?? null)

/**
 * The status that was sent, or will be if no head was sent yet. `statusCode` may still be set after the head was sent,
 * which changes nothing for the client.
 */
export function sentStatus (response: ServerResponse): number {
  const stream = streamOf(response)
  if (stream !== undefined) return Number(stream.sentHeaders?.[':status'] ?? response.statusCode)
  // A string is as good for Node, but not for whoever finds series by it.
  const code = response.statusCode | 0
  // Node sets the message with the head, so it tells whether the code is the one that was sent. To read the head of
  // each response would take 180 B and hundreds of nanoseconds, since V8 first joins the strings that Node made it of.
  return code < MESSAGES.length && response.statusMessage === MESSAGES[code] ? code : statusOfHead(response, code)
}

/** The status in the head of an HTTP/1 response; `code` if there is none. */
function statusOfHead (response: ServerResponse, code: number): number {
  // Private to Node, but nothing public has it.
  const { _header: head } = response as { readonly _header?: unknown }
  // Behind `HTTP/1.1 `.
  return (typeof head === 'string' && Number(head.slice(9, 12))) || code
}
