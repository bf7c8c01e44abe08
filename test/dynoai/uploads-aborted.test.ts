import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { filePart } from '../fixtures/multipart-client.js'
import type { UploadClient } from '../fixtures/multipart-client.js'
import { checkUploads } from '../fixtures/upload-case.js'
import type { UploadCase } from '../fixtures/upload-case.js'
import { describeError, waitUntilFull, readUpload } from '../fixtures/upload-run.js'
import type { UploadRun } from '../fixtures/upload-run.js'

const SENT = 300_000

/** Sends a part of a file, and disconnects when the application signals the event. */
const disconnectAt = (event: string, length = SENT) => async (client: UploadClient, run: UploadRun): Promise<void> => {
  client.sendPartialForm([filePart(length)])
  await run.waitFor(event)
  client.disconnect()
}

interface Reading {
  /** Bytes that the client sends. */
  readonly length?: number
  /** Milliseconds between two chunks. */
  readonly pause?: number
}

/** Reads a file until it fails, and signals when `length` bytes were read. */
async function readUntilAborted (request: FastifyRequest, run: UploadRun, reading: Reading = {}): Promise<void> {
  const { length = SENT, pause = 0 } = reading
  const { file } = run.addFile((await request.file())!)
  let received = 0
  try {
    for await (const chunk of file) {
      received += chunk.length
      if (received === length) run.signal('all bytes read')
      if (pause > 0) await sleep(pause)
    }
  } catch (error) {
    run.record(received, describeError(error))
  }
  run.signal('aborted')
}

/** Starts to read and responds before the end. An error is recorded, and the client then waits in vain. */
function acceptAndRead (request: FastifyRequest, run: UploadRun, reading?: Reading): string {
  readUntilAborted(request, run, reading).catch(error => run.record(describeError(error)))
  return 'accepted'
}

/** A client that disconnects after its response, while the application reads, with a pause after each chunk. */
const readsSlowly = (length: number, pause: number): UploadCase => ({
  client: async (client, run) => {
    client.sendPartialForm([filePart(length)], 50_000)
    run.record(await client.readResponse())
    client.socket.end()
    await run.waitFor('all bytes read')
  },
  handler: (request, run) => acceptAndRead(request, run, { length, pause }),
  sizes: [length]
})

// A client that disconnects …
checkUploads(t, {
  'while the application reads': {
    client: async (client, run) => {
      await disconnectAt('all bytes read')(client, run)
      await run.waitFor('aborted')
    },
    handler: async (request, run) => { await readUntilAborted(request, run) },
    sizes: [SENT]
  },
  'while toBuffer() reads': {
    client: async (client, run) => {
      await disconnectAt('file received', 1000)(client, run)
      await run.waitFor('aborted')
    },
    handler: async (request, run) => {
      const part = run.addFile((await request.file())!)
      run.signal('file received')
      await part.toBuffer().catch(error => run.record(describeError(error)))
      run.signal('aborted')
    },
    sizes: [1000]
  },
  'while multipart saves the second file': {
    client: async (client, run) => {
      client.sendPartialForm([filePart(1000), filePart(2000)])
      await run.waitFor('saving')
      client.disconnect()
      await run.waitFor('aborted')
    },
    handler: async (request, run) => {
      const { parts } = request
      request.parts = async function * () {
        let count = 0
        for await (const part of parts.call(request)) {
          if (++count === 2) run.signal('saving')
          yield part
        }
      }
      await request.saveRequestFiles().catch(error => run.record(describeError(error)))
      run.signal('aborted')
    },
    sizes: [1000, 2000]
  },
  'while multipart attaches the file to the body': {
    multipart: run => ({
      attachFieldsToBody: true,
      onFile: async part => {
        run.signal('attaching')
        await readUpload(part.file, run)
      }
    }),
    client: async (client, run) => {
      await disconnectAt('attaching', 1000)(client, run)
      await run.waitFor('read')
    },
    handler: () => 'never',
    sizes: [1000]
  },
  'before request.file() is called': {
    client: async (client, run) => {
      await disconnectAt('handler called', 1000)(client, run)
      await run.waitFor('checked')
    },
    handler: async (request, run, reply) => {
      run.signal('handler called')
      await once(reply.raw, 'close')
      run.record(await Promise.race([request.file().catch(describeError), sleep(50, 'no file')]))
      run.signal('checked')
    },
    sizes: []
  },
  'just before request.file() is called': {
    client: async (client, run) => {
      await disconnectAt('handler called')(client, run)
      await once(client.socket, 'close')
      run.signal('disconnected')
      await run.waitFor('aborted')
    },
    handler: async (request, run) => {
      run.signal('handler called')
      await run.waitFor('disconnected')
      const { file } = run.addFile((await request.file())!)
      await readUpload(file, run)
      run.signal('aborted')
    },
    sizes: [SENT]
  },
  'before the second file is requested': {
    client: async (client, run) => {
      client.sendPartialForm([filePart(1000), filePart(2000)])
      await run.waitFor('first file received')
      client.disconnect()
      await run.waitFor('aborted')
    },
    handler: async (request, run, reply) => {
      const parts = request.files()
      run.addFile((await parts.next()).value).file.resume()
      run.signal('first file received')
      await once(reply.raw, 'close')
      const second = run.addFile((await parts.next()).value)
      run.record(second.file.closed)
      await readUpload(second.file, run)
      run.record(await parts.next().catch(describeError))
      run.signal('aborted')
    },
    sizes: [1000, 2000]
  },
  'while the application ignores the file': {
    client: async (client, run) => {
      await disconnectAt('file received', 1000)(client, run)
      await run.waitFor('response closed')
    },
    handler: async (request, run, reply) => {
      run.addFile((await request.file())!)
      run.signal('file received')
      await once(reply.raw, 'close')
      run.signal('response closed')
    },
    sizes: [1000]
  },
  'after the response, while the application waits for more bytes': {
    client: async (client, run) => {
      client.sendPartialForm([filePart(SENT)])
      run.record(await client.readResponse())
      await run.waitFor('all bytes read')
      client.disconnect()
    },
    handler: (request, run) => acceptAndRead(request, run),
    sizes: [SENT]
  },
  'after the response, while the application reads slowly': readsSlowly(SENT, 60),
  'after the response, while the application slowly reads bytes that are all buffered': readsSlowly(200_000, 60),
  'after the response, while the application reads a chunk in more than a poll interval': readsSlowly(200_000, 300),
  'after the response, when the application has stopped reading': {
    pollLimit: 2,
    multipart: { fileHwm: 1000 },
    client: async (client, run) => {
      client.sendPartialForm([filePart(5000)])
      run.record(await client.readResponse())
      client.socket.end()
    },
    handler: async (request, run) => {
      const { file } = run.addFile((await request.file())!)
      file.on('data', () => {}).pause()
      await waitUntilFull(file)
      return 'accepted'
    },
    sizes: [5000]
  }
})
