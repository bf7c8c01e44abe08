import { createWriteStream } from 'node:fs'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type {} from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { BrokenUploadError, LogTooLargeError, MissingFileError, WrongExtensionError } from './errors.js'

/** A log that arrived whole. */
export interface ReceivedLog {
  readonly filename: string
  readonly bytes: number
}

/** Streams the uploaded log into a file; throws an error with a sentence when there is none, or none that can be a log. */
export async function receiveLog (request: FastifyRequest, path: string): Promise<ReceivedLog> {
  if (!request.isMultipart()) throw new MissingFileError()
  try {
    return await storeFile(request, path)
  } catch (error) {
    throw isAnswer(error) ? error : new BrokenUploadError((error as Error).message)
  }
}

async function storeFile (request: FastifyRequest, path: string): Promise<ReceivedLog> {
  const part = await request.file()
  // A form sent without choosing a file has a part without a name.
  const isNamed = part?.fieldname === 'file' && Boolean(part.filename)
  if (!isNamed || !['.csv', '.txt'].includes(extname(part.filename).toLowerCase())) {
    // Read to its end, for a client that sends everything before it reads the answer.
    part?.file.resume()
    throw isNamed ? new WrongExtensionError(part.filename) : new MissingFileError()
  }
  const { file, filename } = part
  await pipeline(file, createWriteStream(path))
  if (file.truncated) throw new LogTooLargeError(file.bytesRead / 1024 ** 2)
  return { filename, bytes: file.bytesRead }
}

/** Errors with a status say what is wrong, those of the disk are ours; the rest is a multipart body that nobody can read. */
function isAnswer (error: unknown): boolean {
  return error instanceof Error && ('statusCode' in error || 'syscall' in error)
}
