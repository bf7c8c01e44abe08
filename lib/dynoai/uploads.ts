import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { raiseListenerLimit } from '../http/listener-limit.js'
import { onceResponseEnded } from '../http/response-end.js'
import type { OnArrival } from '../requests/observer.js'
import { shadow } from '../util/shadow.js'
import { unref } from '../util/unref.js'

/** A file from `@fastify/multipart`: a stream that counts the bytes that its parser has written to it. */
interface UploadedFile extends Readable {
  readonly bytesRead: number
}

interface Part {
  readonly file?: UploadedFile
}

type PartIterator = AsyncIterator<Part, void>

/** The methods that `@fastify/multipart` adds to a request. Its other methods call these. */
interface MultipartRequest extends Pick<FastifyRequest, 'headers' | 'raw'> {
  parts (...args: unknown[]): PartIterator
  files (...args: unknown[]): PartIterator
  file (...args: unknown[]): Promise<Part | undefined>
}

/**
 * Returns a function to call for every request before its body is read. It observes once the size, in bytes, of every
 * file that `@fastify/multipart` passes to the application.
 *
 * @param maxIdlePolls - Polls without progress, 100 ms apart, after which the size of an unread file is observed.
 */
export function uploadWatcher (observe: (bytes: number) => void, maxIdlePolls = MAX_IDLE_POLLS): OnArrival {
  return function watchUpload (request, reply) {
    // Checks the method first: on a GET, the first access to the headers would cost 300–600 ns.
    if (request.method !== 'GET' && request.method !== 'HEAD' && isMultipart(request)) {
      watchFiles(request, reply, new PendingFiles(request.raw, observe, maxIdlePolls))
    }
  }
}

function isMultipart (request: FastifyRequest | MultipartRequest): request is MultipartRequest {
  const type = 'multipart/form-data'
  return request.headers['content-type']?.slice(0, type.length).toLowerCase() === type &&
    // Other upload plugins also have `isMultipart`, `file` and `files`, with other meanings, but not `parts`.
    'isMultipart' in request && 'parts' in request
}

// The application must see no difference. It gets the iterators and promises of `@fastify/multipart`. The file streams
// get no `data`, `readable`, `end` or `error` listener, since each of these would change how they flow or fail.
function watchFiles (request: MultipartRequest, reply: FastifyReply, files: PendingFiles): void {
  const { parts, files: fileParts, file } = request

  const addFilesOf = (original: (...args: unknown[]) => PartIterator) => (...args: unknown[]): PartIterator => {
    const iterator = original.apply(request, args)
    const next = iterator.next
    shadow(iterator, 'next', () => next.call(iterator).then(result => {
      files.add(result.value?.file)
      return result
    }))
    return iterator
  }
  shadow(request, 'parts', addFilesOf(parts))
  shadow(request, 'files', addFilesOf(fileParts))
  shadow(request, 'file', (...args: unknown[]) => file.apply(request, args).then(part => {
    files.add(part?.file)
    return part
  }))

  onceResponseEnded(request.raw, reply.raw, () => { files.onResponseEnded() })
}

/** Milliseconds between two polls of a file after the end of its response: short compared with a scrape interval. */
const POLL_INTERVAL = 100

/**
 * Idle polls until the size of an unread file is observed: 10 s. This is long enough for an application that responds
 * first and then opens the destination of the file, and short enough for the memory that an ignored upload occupies. It
 * is a number of polls, not of seconds, so a blocked event loop ends no wait.
 */
const MAX_IDLE_POLLS = 100

/** The files of one request whose sizes are not known yet. */
class PendingFiles {
  readonly #open = new Set<UploadedFile>()
  readonly #request: IncomingMessage
  readonly #observe: (bytes: number) => void
  readonly #maxIdlePolls: number
  #isResponseEnded = false

  constructor (request: IncomingMessage, observe: (bytes: number) => void, maxIdlePolls: number) {
    this.#request = request
    this.#observe = observe
    this.#maxIdlePolls = maxIdlePolls
  }

  add (file: UploadedFile | undefined): void {
    if (file === undefined) return
    this.#open.add(file)
    raiseListenerLimit(file)
    file.once('close', () => this.#settle(file))
    if (this.#isResponseEnded) this.#pollLater(file, this.#maxIdlePolls)
  }

  onResponseEnded (): void {
    this.#isResponseEnded = true
    for (const file of this.#open) this.#poll(file, this.#maxIdlePolls)
  }

  // After the end of the response no event reports that a file is complete, so a timer polls it. An unread file never
  // closes. Nor does a file whose client disconnects then, because Node no longer ends that request. The socket emits
  // `close` while the parser still has data, and one listener for every upload is too many for a keep-alive socket.
  #pollLater (file: UploadedFile, idlePollsLeft: number): void {
    const { bytesRead } = file
    unref(setTimeout(() => {
      if (!this.#open.has(file)) return
      this.#poll(file, file.bytesRead > bytesRead ? this.#maxIdlePolls : idlePollsLeft - 1)
    }, POLL_INTERVAL))
  }

  #poll (file: UploadedFile, idlePollsLeft: number): void {
    const { complete, readableEnded, readableLength, socket } = this.#request
    const isAborted = !complete && socket.destroyed
    const isReceived = readableEnded || (isAborted && readableLength === 0)
    // Below its high water mark a file has no backpressure: all received data is parsed and counted in `bytesRead`.
    const isParsed = isReceived && file.readableLength < file.readableHighWaterMark
    const isTimedOut = idlePollsLeft <= 0
    if (isParsed || (isTimedOut && (isAborted || !isRead(file)))) this.#settle(file)
    // A complete file whose reader pauses will close. No timer must keep it in memory until then.
    else if (!isTimedOut || !complete) this.#pollLater(file, idlePollsLeft)
  }

  #settle (file: UploadedFile): void {
    if (this.#open.delete(file)) this.#observe(file.bytesRead)
  }
}

/** Whether the application reads a file. A pipe whose destination failed no longer reads it. */
function isRead (file: UploadedFile): boolean {
  return file.readableFlowing === true || file.listenerCount('data') + file.listenerCount('readable') > 0
}
