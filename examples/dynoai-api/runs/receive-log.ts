import { createWriteStream } from 'node:fs'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import type { UploadSpace } from './disk-space.js'
import {
  BrokenUploadError, LogTooLargeError, MissingFileError, SeveralFilesError, WrongExtensionError
} from './errors.js'

/** The extensions of a log; `.msl` is that of MegaLogViewer. */
const EXTENSIONS = ['.csv', '.txt', '.msl']

/** The longest name that file systems allow. Names are kept in memory. */
const MAX_FILENAME = 255

/** Streams the uploaded log into a file and returns its name; throws an error with a sentence when there is no log. */
export async function receiveLog (request: FastifyRequest, path: string, space: UploadSpace): Promise<string> {
  if (!request.isMultipart()) throw new MissingFileError()
  try {
    return await storeFile(request, path, space)
  } catch (error) {
    throw toUploadError(error as NodeJS.ErrnoException) // Nothing throws anything else.
  }
}

/** Whether an error only says that the client left before the upload was complete. */
export function hasLeft ({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete
}

async function storeFile (request: FastifyRequest, path: string, space: UploadSpace): Promise<string> {
  let filename: string | undefined
  // To the end of the form: a second file must not be dropped in silence.
  for await (const part of request.files()) {
    const refusal = findRefusal(part)
    if (refusal !== undefined) {
      // Read to the end, because some clients send the complete request before they read the response.
      part.file.resume()
      throw refusal
    }
    await pipeline(part.file, space.count, createWriteStream(path))
    if (part.file.truncated) throw new LogTooLargeError(part.file.bytesRead / 1024 ** 2)
    filename = part.filename.slice(0, MAX_FILENAME)
  }
  if (filename === undefined) throw new MissingFileError()
  return filename
}

function findRefusal ({ fieldname, filename }: MultipartFile): Error | undefined {
  // A form that is sent without choosing a file has a part with an empty filename.
  if (fieldname !== 'file' || !filename) return new MissingFileError()
  return EXTENSIONS.includes(extname(filename).toLowerCase()) ? undefined : new WrongExtensionError(filename)
}

/** An error that is neither ours nor one of the disk comes from the parser of the multipart body. */
function toUploadError (error: NodeJS.ErrnoException): Error {
  if (error.syscall !== undefined || error.code?.startsWith('DYNOAI_ERR_')) return error
  if (error.code === 'FST_FILES_LIMIT') return new SeveralFilesError()
  if (error.code === 'FST_FIELDS_LIMIT') return new BrokenUploadError('it has too many fields')
  return new BrokenUploadError(error.message)
}
