import { createWriteStream } from 'node:fs'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type {} from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { BrokenUploadError, LogTooLargeError, MissingFileError, WrongExtensionError } from './errors.js'

/** The extensions of a log; `.msl` is that of MegaLogViewer. */
const EXTENSIONS = ['.csv', '.txt', '.msl']

/** Streams the uploaded log into a file and returns its name; throws an error with a sentence when there is no log. */
export async function receiveLog (request: FastifyRequest, path: string): Promise<string> {
  if (!request.isMultipart()) throw new MissingFileError()
  try {
    return await storeFile(request, path)
  } catch (error) {
    throw isClientOrDiskError(error) ? error : new BrokenUploadError((error as Error).message)
  }
}

async function storeFile (request: FastifyRequest, path: string): Promise<string> {
  const part = await request.file()
  // A form that is sent without choosing a file has a part with an empty filename.
  const isNamed = part?.fieldname === 'file' && Boolean(part.filename)
  if (!isNamed || !EXTENSIONS.includes(extname(part.filename).toLowerCase())) {
    // Read to the end, because some clients send the complete request before they read the response.
    part?.file.resume()
    throw isNamed ? new WrongExtensionError(part.filename) : new MissingFileError()
  }
  const { file, filename } = part
  await pipeline(file, createWriteStream(path))
  if (file.truncated) throw new LogTooLargeError(file.bytesRead / 1024 ** 2)
  return filename
}

/** Whether an error has an HTTP status or is an error of the disk. Any other error is a malformed multipart body. */
function isClientOrDiskError (error: unknown): boolean {
  return error instanceof Error && ('statusCode' in error || 'syscall' in error)
}
