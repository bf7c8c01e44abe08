import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { raiseListenerLimit } from '../http/listener-limit.js'
import { onceResponseEnded } from '../http/response-end.js'
import type { OnArrival } from '../requests/observer.js'
import { unref } from '../util/unref.js'

/** A file as `@fastify/multipart` hands it over: a stream that knows how many bytes its parser gave it. */
interface UploadedFile extends Readable {
  readonly bytesRead: number
}

interface Part {
  readonly file?: UploadedFile
}

type PartIterator = AsyncIterator<Part, void>

/** The ways in that `@fastify/multipart` gives a request; its others go through these. */
interface MultipartRequest extends Pick<FastifyRequest, 'headers' | 'raw'> {
  parts (...args: unknown[]): PartIterator
  files (...args: unknown[]): PartIterator
  file (...args: unknown[]): Promise<Part | undefined>
}

/**
 * Observes the size of every file that `@fastify/multipart` hands to the application, once, in bytes: to be called for
 * every request before its body is read.
 *
 * @param patience - Looks in vain, 100 ms apart, until a file that nobody reads is given up.
 */
export function uploadWatcher (observe: (bytes: number) => void, idlePolls = MAX_IDLE_POLLS): OnArrival {
  return function watchUpload (request, reply) {
    // The method first: on a GET the first look at the headers is what would cost, 300–600 ns.
    if (request.method !== 'GET' && request.method !== 'HEAD' && isMultipart(request)) {
      watchFiles(request, reply, new DeliveredFiles(request.raw, observe, idlePolls))
    }
  }
}

function isMultipart (request: FastifyRequest | MultipartRequest): request is MultipartRequest {
  const type = 'multipart/form-data'
  return request.headers['content-type']?.slice(0, type.length).toLowerCase() === type &&
    // Other upload plugins have `isMultipart`, `file` and `files` too, with other meanings, but no `parts`.
    'isMultipart' in request && 'parts' in request
}

// What the application sees must stay as it is: its own iterator and promise, and file streams without a `data`,
// `readable`, `end` or `error` listener, each of which would change how they flow or fail.
function watchFiles (request: MultipartRequest, reply: FastifyReply, files: DeliveredFiles): void {
  const { parts, files: filesOf, file } = request

  const iterate = (original: (...args: unknown[]) => PartIterator) => (...args: unknown[]): PartIterator => {
    const iterator = original.apply(request, args)
    const next = iterator.next
    shadow(iterator, 'next', () => next.call(iterator).then(result => {
      files.add(result.value?.file)
      return result
    }))
    return iterator
  }
  shadow(request, 'parts', iterate(parts))
  shadow(request, 'files', iterate(filesOf))
  shadow(request, 'file', (...args: unknown[]) => file.apply(request, args).then(part => {
    files.add(part?.file)
    return part
  }))

  onceResponseEnded(request.raw, reply.raw, () => { files.onResponseEnded() })
}

function shadow<T extends object> (target: T, name: keyof T, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: false, configurable: true, writable: true })
}

/** Milliseconds between two looks at a file that outlives its response: little beside the seconds between two scrapes. */
const POLL_INTERVAL = 100

/**
 * Looks in vain until a file is given up: 10 s, ample for an application that answers first and then opens what it
 * writes to, and bearable for what an ignored upload keeps in memory. Looks are counted, not seconds, so that an event
 * loop that stood still gives up nothing.
 */
const MAX_IDLE_POLLS = 100

/** The files of one request whose size is not known yet. */
class DeliveredFiles {
  readonly #open = new Set<UploadedFile>()
  readonly #request: IncomingMessage
  readonly #observe: (bytes: number) => void
  readonly #maxIdlePolls: number
  #responded = false

  constructor (request: IncomingMessage, observe: (bytes: number) => void, idlePolls: number) {
    this.#request = request
    this.#observe = observe
    this.#maxIdlePolls = idlePolls
  }

  add (file: UploadedFile | undefined): void {
    if (file === undefined) return
    this.#open.add(file)
    raiseListenerLimit(file)
    file.once('close', () => this.#settle(file))
    if (this.#responded) this.#pollLater(file, this.#maxIdlePolls)
  }

  onResponseEnded (): void {
    this.#responded = true
    for (const file of this.#open) this.#poll(file, this.#maxIdlePolls)
  }

  // After the response no event tells all that has to be known. A file that nobody reads never closes, nor does one whose
  // client leaves then: Node no longer ends that request. The socket's `close` comes while data are still on their way
  // through the parser, and a listener for every upload is too many for a socket that is kept alive. Hence a timer.
  #pollLater (file: UploadedFile, idlePolls: number): void {
    const { bytesRead } = file
    unref(setTimeout(() => {
      if (this.#open.has(file)) this.#poll(file, file.bytesRead > bytesRead ? this.#maxIdlePolls : idlePolls - 1)
    }, POLL_INTERVAL))
  }

  #poll (file: UploadedFile, idlePolls: number): void {
    const { complete, readableEnded, readableLength, socket } = this.#request
    const isAborted = !complete && socket.destroyed
    const isReceived = readableEnded || (isAborted && readableLength === 0)
    // Below its mark a file holds nothing back: what came is parsed, and so in `bytesRead`.
    const isParsed = isReceived && file.readableLength < file.readableHighWaterMark
    const isTimedOut = idlePolls <= 0
    if (isParsed || (isTimedOut && (isAborted || !isRead(file)))) this.#settle(file)
    // A complete file whose reader rests will close; no timer keeps it in memory until then.
    else if (!isTimedOut || !complete) this.#pollLater(file, idlePolls)
  }

  #settle (file: UploadedFile): void {
    if (this.#open.delete(file)) this.#observe(file.bytesRead)
  }
}

/** Whether someone takes what the parser gives; a pipe whose destination failed does no more. */
function isRead (file: UploadedFile): boolean {
  return file.readableFlowing === true || file.listenerCount('data') + file.listenerCount('readable') > 0
}
